//! What can be asked of incidents, in words of the command line.

use super::super::session::Paging;
use super::super::time::{self, When};
use super::life;
use clap::{ArgGroup, Subcommand, ValueEnum};
use jiff::SignedDuration;

/// Which incidents by where they are in their life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Status {
    /// Triggered and acknowledged ones
    Open,
    /// Somebody must be found
    Triggered,
    /// Somebody has it
    Acknowledged,
    /// Over
    Resolved,
    /// All of them
    All,
}

impl Status {
    pub(in crate::cli) fn query(self) -> Option<&'static str> {
        match self {
            Self::Open => Some("open"),
            Self::Triggered => Some("triggered"),
            Self::Acknowledged => Some("acknowledged"),
            Self::Resolved => Some("resolved"),
            Self::All => None,
        }
    }
}

/// What to do with incidents.
#[derive(Subcommand, Clone, Debug)]
pub(in crate::cli) enum IncidentCommand {
    /// List incidents, the newest first
    List {
        /// Which ones
        #[arg(long, value_enum, default_value_t = Status::Open)]
        status: Status,
        /// Of this service only
        #[arg(long, value_name = "ID")]
        service: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show one incident with its timeline
    Show {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Show what happened to an incident, by whom and why
    Timeline {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Show every page of an incident on its way
    Deliveries {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Say that you have it: no further pages
    #[command(visible_alias = "acknowledge")]
    Ack {
        /// Their numbers
        #[arg(required = true, value_parser = number, value_name = "INCIDENT")]
        incidents: Vec<u64>,
    },
    /// Say that it is over
    Resolve {
        /// Their numbers
        #[arg(required = true, value_parser = number, value_name = "INCIDENT")]
        incidents: Vec<u64>,
    },
    /// Say that you have it, and be paged again later
    #[command(group(ArgGroup::new("length").required(true).args(["for_", "until"])))]
    Snooze {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// For so long: `30m`, `2h`
        #[arg(long = "for", value_name = "LENGTH", value_parser = time::length)]
        for_: Option<SignedDuration>,
        /// Until then: `09:00`, `tomorrow 09:00`, RFC 3339
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: Option<When>,
    },
    /// Hand it to other people and page them
    Reassign {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// To whom; several by commas or repeated
        #[arg(long, value_name = "PERSON", required = true, value_delimiter = ',')]
        to: Vec<String>,
    },
    /// Page more people and ask them to help; nobody is taken away
    #[command(visible_alias = "respond")]
    AddResponder {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Whom
        #[arg(required = true, value_name = "PERSON")]
        people: Vec<String>,
    },
    /// Page the next step now
    Escalate {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Let other incidents go on in one; they end, and their pages with them
    Merge {
        /// Their numbers
        #[arg(required = true, value_parser = number, value_name = "INCIDENT")]
        incidents: Vec<u64>,
        /// The number of the one that stays
        #[arg(long, value_parser = number, value_name = "INCIDENT")]
        into: u64,
    },
    /// Let some of its alerts go on in a new incident
    Split {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Which, as `incident show` names them: `nagios/disk`; may be repeated
        #[arg(long = "alert", required = true, value_parser = life::alert, value_name = "ALERT")]
        alerts: Vec<life::Named>,
    },
    /// Say how important it is: P1 to P5, or `none`
    Priority {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// How important
        #[arg(value_parser = life::priority, value_name = "P1…P5|none")]
        priority: life::Priority,
    },
    /// Be told how it goes on, without being paged
    Subscribe {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Somebody else, by an admin
        #[arg(long, value_name = "PERSON")]
        person: Option<String>,
    },
    /// Be told no longer how it goes on
    Unsubscribe {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Who
        #[arg(long, value_name = "PERSON")]
        person: String,
    },
    /// Tell those who were paged and those who follow it how it stands
    Update {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// How; several words need no quotes
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
    },
    /// Write something down on its timeline
    Note {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// What; several words need no quotes
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
    },
}

/// Reads `12` or `#12`.
pub(in crate::cli) fn number(text: &str) -> Result<u64, String> {
    text.strip_prefix('#')
        .unwrap_or(text)
        .parse()
        .map_err(|_| "expected an incident's number, such as `12`".to_owned())
}
