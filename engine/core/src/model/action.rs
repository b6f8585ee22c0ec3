//! What goes into `decide`, and what it answers.

use super::{
    Absence, AbsenceId, AlertId, ContactMethod, Delivery, HandoffWish, IncidentId, IntegrationId,
    JudgedEvent, MaintenanceWindow, MaintenanceWindowId, MethodId, NotificationRule, Override,
    OverrideId, PersonId, Preference, Priority, Refusal, Silence, SilenceId, Swap, SwapId,
    Temporary, TemporaryId, TimerKey, Token, TokenId, Via,
};
use jiff::Timestamp;
use std::sync::Arc;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, through whatever door.
    Person(PersonId),
    /// An admin's token that stands for no person; its name.
    Admin(String),
    /// A monitor.
    Monitor(IntegrationId),
    /// Nightbell itself.
    Engine,
}

impl Actor {
    /// As shown.
    pub fn name(&self) -> &str {
        match self {
            Self::Person(id) => id.as_str(),
            Self::Admin(name) => name,
            Self::Monitor(id) => id.as_str(),
            Self::Engine => "nightbell",
        }
    }
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// I have it.
    Acknowledge(IncidentId),
    /// It is over.
    Resolve(IncidentId),
    /// I have it; ring again at `until`.
    Snooze {
        /// Which.
        incident: IncidentId,
        /// In the future.
        until: Timestamp,
    },
    /// Hand it to these people and page them.
    Reassign {
        /// Which.
        incident: IncidentId,
        /// Not empty.
        to: Vec<PersonId>,
    },
    /// Next step, now.
    Escalate(IncidentId),
    /// Write something down.
    Note {
        /// Where.
        incident: IncidentId,
        /// What.
        text: String,
    },
    /// Mute what matches; replaces a silence of the same id.
    PutSilence(Silence),
    /// End a silence now.
    ExpireSilence(SilenceId),
    /// Add an exception to a schedule.
    PutOverride(Override),
    /// Take one away.
    RemoveOverride(OverrideId),
    /// Add or replace a contact method.
    PutMethod {
        /// Whose.
        person: PersonId,
        /// Which.
        method: ContactMethod,
    },
    /// Take one away, with the rules that use it.
    RemoveMethod {
        /// Whose.
        person: PersonId,
        /// Which.
        method: MethodId,
    },
    /// Replace all notification rules.
    SetRules {
        /// Whose.
        person: PersonId,
        /// All of them.
        rules: Vec<NotificationRule>,
    },
    /// Add a token.
    PutToken(Token),
    /// Take one away.
    RevokeToken(TokenId),
    /// Replace all layers of a schedule for a while.
    PutTemporary(Temporary),
    /// End a temporary schedule now, or take it away when it has not begun.
    RemoveTemporary(TemporaryId),
    /// Say that somebody is not there.
    PutAbsence(Absence),
    /// End an absence now, or take it away when it has not begun.
    RemoveAbsence(AbsenceId),
    /// Replace all absences of one source by those of its latest import.
    ReplaceAbsences {
        /// Whose.
        person: PersonId,
        /// The imported calendar's name.
        source: String,
        /// All of them; their ids stay the same from import to import.
        absences: Vec<Absence>,
    },
    /// Send a code to a contact method, to be entered with `ConfirmCode`.
    SendCode {
        /// Whose.
        person: PersonId,
        /// Which.
        method: MethodId,
        /// Random; what the shell makes the code of.
        salt: [u8; 32],
        /// What the right code comes to.
        proof: [u8; 32],
    },
    /// Enter the code that came.
    ConfirmCode {
        /// Whose.
        person: PersonId,
        /// Which.
        method: MethodId,
        /// What the entered code comes to.
        proof: [u8; 32],
    },
    /// Send a test page to a contact method.
    TestMethod {
        /// Whose.
        person: PersonId,
        /// Which.
        method: MethodId,
    },
    /// Choose how to be told.
    Prefer {
        /// Who.
        person: PersonId,
        /// Each choice, in order.
        choices: Vec<Preference>,
    },
    /// Let the alerts of some incidents go on in another one; the former end.
    Merge {
        /// The one that stays.
        into: IncidentId,
        /// Those that end; not empty.
        incidents: Vec<IncidentId>,
    },
    /// Let some alerts of an incident go on in a new one.
    Split {
        /// Which.
        incident: IncidentId,
        /// Firing ones, not all of them.
        alerts: Vec<AlertId>,
    },
    /// Say how important it is.
    SetPriority {
        /// Which.
        incident: IncidentId,
        /// `None`: nobody says.
        priority: Option<Priority>,
    },
    /// Let somebody follow an incident.
    Subscribe {
        /// Which.
        incident: IncidentId,
        /// Who.
        person: PersonId,
    },
    /// Let somebody follow it no longer.
    Unsubscribe {
        /// Which.
        incident: IncidentId,
        /// Who.
        person: PersonId,
    },
    /// Tell those who were paged and those who follow it how it stands.
    PostUpdate {
        /// Which.
        incident: IncidentId,
        /// In the author's words.
        text: String,
    },
    /// Ask these people to help: they are paged too, and nobody is taken away.
    AddResponders {
        /// Which.
        incident: IncidentId,
        /// Not empty.
        people: Vec<PersonId>,
    },
    /// Plan work during which nobody is paged; replaces a maintenance window of the same id.
    PutMaintenanceWindow(MaintenanceWindow),
    /// End a maintenance window now.
    EndMaintenanceWindow(MaintenanceWindowId),
    /// Offer a shift. Its status and `created_at` are decided, not believed.
    OfferSwap(Box<Swap>),
    /// Take an offered shift.
    AcceptSwap {
        /// Which.
        swap: SwapId,
        /// Who takes it: whoever accepts, or the one for whom an admin acts.
        person: PersonId,
    },
    /// The named person does not want it.
    DeclineSwap(SwapId),
    /// Take an offer back.
    WithdrawSwap(SwapId),
    /// Say what one wants to hear of one's shifts.
    SetHandoffWish(HandoffWish),
}

/// Whether trying again may help, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// It may.
    Transient {
        /// The other side's wish, in seconds.
        retry_after_s: Option<u32>,
    },
    /// It cannot.
    Permanent,
    /// It cannot: the address is wrong or gone.
    BadAddress,
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// The other side took it.
    Delivered {
        /// Its name for the message.
        receipt: Option<String>,
        /// What later messages to this address about this incident should carry.
        thread: Option<String>,
        /// Whether it is known to have arrived, and not only to be on its way.
        arrived: bool,
        /// Parts that failed although the message went out, one line each.
        problems: Vec<String>,
    },
    /// It did not.
    Failed {
        /// Whether to try again.
        kind: FailureKind,
        /// In the channel's words, without secrets.
        message: String,
    },
}

/// One finished try at a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The delivery as it was when the try began; it may have been cancelled since.
    pub delivery: Arc<Delivery>,
    /// When it started.
    pub started_at: Timestamp,
    /// How it ended.
    pub result: AttemptResult,
}

/// What the other side said later about a message that it had taken, or is just taking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateReceipt {
    /// The delivery as the store has it.
    pub delivery: Arc<Delivery>,
    /// What became of it.
    pub outcome: ReceiptOutcome,
}

/// What became of a message after the other side took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// It arrived.
    Arrived,
    /// It did not.
    CameBack {
        /// Why, in the channel's words.
        reason: String,
    },
}

/// An answer that came through a channel and was not followed, because nobody may be held to have given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedAnswer {
    /// About which incident.
    pub incident: IncidentId,
    /// Through which channel.
    pub channel: String,
    /// What was wanted, in a word: `acknowledge`.
    pub wanted: String,
    /// Why not.
    pub reason: String,
}

/// Everything that can happen. Each goes through `decide`, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A judged event.
    Event(Box<JudgedEvent>),
    /// Somebody wants something.
    Action {
        /// Who.
        by: Actor,
        /// Through which door; `None`: through none, the engine itself or a test.
        via: Option<Via>,
        /// What.
        action: Action,
    },
    /// A channel finished a try.
    Attempt(Attempt),
    /// The other side told later what became of a message.
    Receipt(LateReceipt),
    /// An answer that nobody may be held to have given.
    RefusedAnswer(RefusedAnswer),
    /// A timer may be due; nothing happens when it is not (I9).
    Due(TimerKey),
    /// The configuration in the view may be another one than before.
    Config,
}

/// What the one who asked gets to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reply {
    /// It is done, or there was nothing to do.
    #[default]
    Done,
    /// It is not done.
    Refused(Refusal),
}
