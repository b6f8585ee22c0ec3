//! Why an action was not done, in words for whoever asked.

use super::IncidentId;
use jiff::Timestamp;

/// Why an action was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No open incident of this number.
    #[error("no open incident {0}")]
    NoOpenIncident(IncidentId),
    /// No such person in the configuration.
    #[error("no person `{0}` in the configuration")]
    NoPerson(String),
    /// No such schedule in the configuration.
    #[error("no schedule `{0}` in the configuration")]
    NoSchedule(String),
    /// No such silence, override, method or token.
    #[error("no {what} `{id}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// There is one like it already.
    #[error("there is this {what} already, as `{id}`")]
    Exists {
        /// What it would be.
        what: &'static str,
        /// The one there is.
        id: String,
    },
    /// A value is out of its range.
    #[error("{0}")]
    Invalid(String),
    /// It was asked for too often.
    #[error("{what}: ask again after {again_at}")]
    TooOften {
        /// What, and how often it may be.
        what: String,
        /// From then on it may be asked for.
        again_at: Timestamp,
    },
    /// No code is waited for: none was sent, it has expired, or too many wrong ones were entered.
    #[error("no code holds for this contact method: ask for a new one")]
    NoCode,
    /// The code that was entered is not the one that was sent.
    #[error("this is not the code that was sent{}", tries(*left))]
    WrongCode {
        /// How many tries are left; 0: the code no longer holds.
        left: u32,
    },
    /// It would fit at another time, but not to how things stand.
    #[error("{0}")]
    Conflict(String),
    /// It is somebody else's to do.
    #[error("{0}")]
    NotTheirs(String),
}

fn tries(left: u32) -> String {
    match left {
        0 => ": it no longer holds, ask for a new one".to_owned(),
        1 => ": one try is left".to_owned(),
        left => format!(": {left} tries are left"),
    }
}
