//! `nightbell channel`: what the other side of a channel has to be told.

use super::failure::Failure;
use super::json;
use super::session::Session;
use clap::Subcommand;

/// What to do with channels.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum ChannelCommand {
    /// Print the address where the other side sends answers: button presses, replies, receipts
    ///
    /// Write it into the settings of the other side, for example as the interactivity URL of a chat app. Keep it
    /// from others: whoever knows it can talk to the channel's plugin. It stays the same until `link.key` in the data
    /// directory is replaced.
    #[command(after_help = "Example: nightbell channel hook slack")]
    Hook {
        /// The channel plugin's name
        name: String,
    },
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: ChannelCommand) -> Result<(), Failure> {
    match command {
        ChannelCommand::Hook { name } => {
            let answer = session.get(&["channels", &name, "hook"]).await?;
            if session.out.is_json() {
                return session.out.text(&answer.text);
            }
            session.out.text(&json::text(&answer.json, "url"))
        }
    }
}
