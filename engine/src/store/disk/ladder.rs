//! Forms of policies and of what escalation keeps. Windows are written as the configuration writes them.

use super::{Disk, Misfit, disk_enum, disk_struct};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use nightbell_core::model::{
    Conditions, EscalationPolicy, Hours, PageReason, PersonId, PolicyId, Priority, Responder,
    Ringing, RoundRobin, Side, Step, StepStrategy, SupportHours, Target, Urgency, Window,
};

impl Disk for Window {
    type Form = String;
    fn to_disk(&self) -> String {
        self.to_string()
    }
    fn from_disk(form: String) -> Result<Self, Misfit> {
        Self::parse(&form).ok_or(Misfit::Value { expected: "hours of the week", found: form })
    }
}

disk_struct!(StoredHours for Hours { time_zone: TimeZone, windows: Vec<Window> });

disk_struct!(StoredSupportHours for SupportHours {
    hours: Hours,
    inside: Urgency,
    outside: Urgency,
});

disk_enum!(StoredStepStrategy for StepStrategy { All, RoundRobin });
disk_enum!(StoredSide for Side { Inside, Outside });

disk_struct!(StoredConditions for Conditions {
    urgency: Option<Urgency>,
    priorities: Vec<Priority>,
    support_hours: Option<Side>,
    hours: Option<Hours>,
    alerts: Option<u32>,
});

fn all() -> StoredStepStrategy {
    StoredStepStrategy::All {}
}

fn none() -> StoredConditions {
    Conditions::default().to_disk()
}

fn one() -> u32 {
    1
}

disk_struct!(StoredStep for Step {
    targets: Vec<Target>,
    delay: SignedDuration,
    #[serde(default = "all")]
    strategy: StepStrategy,
    #[serde(default = "none")]
    conditions: Conditions,
    #[serde(default)]
    acknowledgements: Option<u32>,
});

disk_struct!(StoredPolicy for EscalationPolicy {
    id: PolicyId,
    steps: Vec<Step>,
    repeat: u32,
    #[serde(default = "one")]
    acknowledgements: u32,
    #[serde(default)]
    acknowledge_timeout: Option<SignedDuration>,
    #[serde(default)]
    resolve_after: Option<SignedDuration>,
    #[serde(default)]
    repage: Vec<SignedDuration>,
});

disk_struct!(StoredRinging for Ringing { person: PersonId, reason: PageReason });
disk_struct!(StoredResponder for Responder { person: PersonId, waiting: bool });
disk_struct!(StoredRoundRobin for RoundRobin { policy: PolicyId, step: usize, next: u32 });
