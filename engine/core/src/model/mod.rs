//! The words of the domain, one file each. No rules here but those that make a value valid.

mod action;
mod alert;
mod check;
mod delivery;
mod directory;
mod draft;
mod event;
mod hours;
mod id;
mod incident;
mod life;
mod maintenance;
mod not_paged;
mod outcome;
mod pace;
mod person;
mod policy;
mod preference;
mod quiet;
mod refusal;
mod schedule;
mod silence;
mod state;
mod swap;
mod thread;
mod timeline;
mod timer;
mod token;
mod transition;
mod via;
mod watch;
mod weekdays;

pub use action::{
    Action, Actor, Attempt, AttemptResult, FailureKind, Input, LateReceipt, ReceiptOutcome,
    RefusedAnswer, Reply,
};
pub use alert::{Alert, AlertStatus, Suppression};
pub use check::{Checks, Code, MethodCheck, TestOutcome, TestPage, Undeliverable};
pub use delivery::{Delivery, DeliveryStatus, Notice, NoticeKind, PageReason, Purpose};
pub use directory::{Directory, Integration, Room, Service, Target, Team};
pub use draft::Draft;
pub use event::{Event, EventKind, Image, Label, Link, Patch, Severity};
pub use hours::{Hours, SupportHours, WINDOWS_MAX, Window};
pub use id::{
    AbsenceId, AlertId, DedupKey, DeliveryId, EventId, IncidentId, IntegrationId,
    MaintenanceWindowId, MethodId, OverrideId, PersonId, PolicyId, RoomId, ScheduleId, ServiceId,
    SilenceId, SwapId, TeamId, TemporaryId, TokenId,
};
pub use incident::{
    Closing, Escalation, Incident, IncidentStatus, Phase, Priority, Responder, Ringing, Urgency,
};
pub use life::{Life, PagesTo, is_asleep};
pub use maintenance::MaintenanceWindow;
pub use not_paged::NotPagedReason;
pub use outcome::{
    EventOutcome, Fate, JudgedEvent, PluginStamp, RouteDecision, StageTrace, Verdict,
};
pub use pace::{Bounds, Lane, LaneKind, Pace, Pacing, Waiting, is_call};
pub use person::{ContactMethod, NotificationRule, Person, Profile};
pub use policy::{Conditions, EscalationPolicy, Side, Step, StepStrategy};
pub use preference::{
    Breakthrough, ChannelPreference, Language, Preference, Preferences, QuietHours,
};
pub use quiet::{Edit, LengthLimit, Quiet, QuietId, QuietLimits, QuietTime, SuppressedBy, Weekly};
pub use refusal::Refusal;
pub use schedule::{
    Absence, Advance, FixedShift, Layer, OnAbsence, Override, Restriction, Restrictions, Revision,
    Schedule, Shift, ShiftSource, Temporary, Turn, TurnUnit,
};
pub use silence::{MatchOp, Matcher, MatcherError, Silence};
pub use state::{
    Duty, Ladder, Paces, People, QuietState, RoundRobin, ScheduleFacts, State, Swaps, Watches,
};
pub use swap::{DutySpan, Swap, SwapStatus};
pub use thread::{Thread, ThreadPage};
pub use timeline::{TimelineEntry, TimelineKind};
pub use timer::{Timer, TimerKey};
pub use token::{Feed, FeedOf, Token, TokenKind};
pub use transition::{Change, Transition, View};
pub use via::Via;
pub use watch::{Amiss, Foreseen, HandoffWish, Watch};
pub use weekdays::Weekdays;
