//! `nightbell demo`: the real engine, a night's story, and then the engine is yours to try.

mod client;
mod inbox;
mod mailbox;
mod story;
mod teller;
mod world;

use crate::clock;
use crate::config;
use crate::serve::{self, ServeError};
use client::{Api, Broken};
use inbox::Inbox;
use mailbox::Mailbox;
use std::io;
use std::net::SocketAddr;
use story::Stage;
use teller::Teller;
use tokio::net::TcpListener;
use world::World;

/// How the demo is told.
#[derive(Clone, Debug)]
pub struct Demo {
    /// End after the story instead of leaving the engine running.
    pub once: bool,
    /// Where the engine listens; 0 is any free port.
    pub port: u16,
}

/// Why the demo ended.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A directory or a port could not be had.
    #[error("cannot set the demo up: {0}")]
    Setup(#[from] io::Error),
    /// Its own configuration is wrong: our mistake.
    #[error("the demo's configuration is wrong:\n{0}")]
    Config(String),
    /// The engine did not start.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A step did not happen.
    #[error("the story broke: {0}")]
    Broken(#[from] Broken),
}

/// Sets the stage, tells the story, and leaves the engine running until Ctrl-C unless it is told once.
///
/// # Errors
/// [`DemoError`]; `Broken` when a step of the story did not really happen.
pub async fn run(demo: Demo) -> Result<(), DemoError> {
    let listen = listen(demo.port).await?;
    let (mailbox, mail) = Mailbox::open().await?;
    let (chat, hook) = Inbox::open(world::SIGNING).await?;
    let world = World::build(listen, mail, "4s")?;
    let loaded =
        config::load(&world.config()).map_err(|wrong| DemoError::Config(wrong.to_string()))?;
    let teller = Teller::new();
    teller.say("Nightbell: one night, told by the real engine.");
    teller.say("Aiko is on call for the shop; Ben is the second step, after 4 seconds; Carol is the fallback.");
    teller.say("Loading the plugins …");
    let running = serve::start(loaded.plan, Some(world.config())).await?;
    teller.tell(teller::Voice::Engine, &format!("listening on http://{listen}"));
    let token = std::fs::read_to_string(world.path().join("data/admin.token"))?;
    let api = Api::new(format!("http://{listen}"), token.trim().to_owned())?;
    let stage = Stage { api, mailbox, chat, chat_url: format!("http://{hook}/hook"), teller };
    let told = stage.play(clock::now()).await;
    if told.is_ok() {
        stage.teller.say("\nThat was the story; every line of it really happened.");
    }
    if told.is_ok() && !demo.once {
        try_it(&stage.teller, &world, listen);
        // Without a signal to wait for, the demo simply ends.
        drop(tokio::signal::ctrl_c().await);
        stage.teller.say("\nStopping; the demo's directory goes away.");
    }
    running.stop().await?;
    Ok(told?)
}

/// The wished port, or another when it is taken: a demo should not fail because an engine runs already.
async fn listen(port: u16) -> io::Result<SocketAddr> {
    let wished = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = match wished {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind("127.0.0.1:0").await?,
    };
    listener.local_addr()
}

fn try_it(teller: &Teller, world: &World, listen: SocketAddr) {
    let (key, config) = (world::NAGIOS_KEY, world.config());
    let config = config.display();
    let own = std::env::current_exe().unwrap_or_else(|_| "nightbell".into());
    let own = own.display();
    teller.say(&format!(
        "\nThe engine goes on on http://{listen} until you press Ctrl-C. In another terminal:\n\
         \n  curl -d 'NOTIFICATIONTYPE=PROBLEM&HOSTNAME=db2&SERVICEDESC=Load&SERVICESTATE=CRITICAL&SERVICEOUTPUT=load 41' \\\n       http://{listen}/in/{key}\
         \n  {own} incident list --config {config}\
         \n  {own} oncall --config {config}\
         \n  {own} incident ack 4 --config {config}\n"
    ));
}
