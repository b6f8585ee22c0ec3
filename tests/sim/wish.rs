//! What somebody wants next: any action there is, about whatever is open.

use crate::random::Random;
use crate::world::{PEOPLE, SCHEDULES, SERVICES};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::schedule;

/// What a wish is drawn from.
pub(crate) struct Wishes<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) view: View<'a>,
    pub(crate) now: Timestamp,
    /// Fresh, for whatever the wish makes.
    pub(crate) name: String,
    /// Whose it is to want what was drawn; `None`: anybody's.
    pub(crate) whose: Option<PersonId>,
}

impl Wishes<'_> {
    /// Draws one; `None` when there is nothing to be wanted of what was drawn.
    pub(crate) fn draw(&mut self) -> Option<Action> {
        match self.random.below(100) {
            0..=54 => self.about_an_incident(),
            55..=69 => self.about_quiet(),
            70..=79 => self.about_duty(),
            80..=87 => self.about_a_swap(),
            _ => self.about_a_person(),
        }
    }

    fn incident(&mut self) -> Option<IncidentId> {
        let open: Vec<_> = self.view.state.incidents().map(|incident| incident.id).collect();
        self.random.pick(&open).copied()
    }

    fn person(&mut self) -> PersonId {
        (*self.random.pick(&PEOPLE).unwrap()).into()
    }

    fn people(&mut self) -> Vec<PersonId> {
        (0..self.random.between(1, 2)).map(|_| self.person()).collect()
    }

    fn later(&mut self, minutes: i64) -> Timestamp {
        self.now + SignedDuration::from_mins(self.random.between(1, minutes))
    }

    fn about_an_incident(&mut self) -> Option<Action> {
        let incident = self.incident()?;
        Some(match self.random.below(20) {
            0..=5 => Action::Acknowledge(incident),
            6 => Action::Resolve(incident),
            7 | 8 => Action::Snooze { incident, until: self.later(120) },
            9 => Action::Reassign { incident, to: self.people() },
            10 => Action::Escalate(incident),
            11 => Action::Note { incident, text: "looking".to_owned() },
            12 => Action::AddResponders { incident, people: self.people() },
            13 => Action::Merge { into: incident, incidents: vec![self.incident()?] },
            14 => self.split(incident)?,
            15 => {
                let all = [None, Some(Priority::P1), Some(Priority::P4)];
                Action::SetPriority { incident, priority: *self.random.pick(&all).unwrap() }
            }
            16 | 17 => Action::Subscribe { incident, person: self.person() },
            18 => Action::Unsubscribe { incident, person: self.person() },
            _ => Action::PostUpdate { incident, text: "we are at it".to_owned() },
        })
    }

    fn split(&mut self, id: IncidentId) -> Option<Action> {
        let incident = self.view.state.incident(id)?;
        let count = self.random.between(1, 2);
        let alerts = (0..count).filter_map(|_| self.random.pick(&incident.alerts).cloned());
        Some(Action::Split { incident: id, alerts: alerts.collect() })
    }

    fn about_quiet(&mut self) -> Option<Action> {
        let quiet = self.view.state.quiet();
        Some(match self.random.below(10) {
            0..=3 => Action::PutSilence(self.silence()),
            8 => {
                let all: Vec<_> = quiet.silences().cloned().collect();
                let (known, time) = (self.random.pick(&all)?, self.quiet_time());
                Action::PutSilence(Silence { time, ..(**known).clone() })
            }
            9 => {
                let all: Vec<_> = quiet.windows().cloned().collect();
                let (known, time) = (self.random.pick(&all)?, self.quiet_time());
                Action::PutMaintenanceWindow(MaintenanceWindow { time, ..(**known).clone() })
            }
            4 => {
                let ids: Vec<_> = quiet.silences().map(|silence| silence.id.clone()).collect();
                Action::ExpireSilence(self.random.pick(&ids)?.clone())
            }
            5 => {
                let ids: Vec<_> = quiet.windows().map(|window| window.id.clone()).collect();
                Action::EndMaintenanceWindow(self.random.pick(&ids)?.clone())
            }
            _ => Action::PutMaintenanceWindow(MaintenanceWindow {
                id: self.name.as_str().into(),
                services: vec![(*self.random.pick(&SERVICES).unwrap()).into()],
                integrations: Vec::new(),
                time: self.quiet_time(),
                created_by: "x".to_owned(),
                comment: "planned".to_owned(),
                created_at: self.now,
                history: Vec::new(),
            }),
        })
    }

    fn silence(&mut self) -> Silence {
        let matcher = match self.random.percent(70) {
            true => format!("host=host-{}", self.random.below(3)),
            false => format!("service=~{}|db", self.random.pick(&SERVICES).unwrap()),
        };
        Silence {
            id: self.name.as_str().into(),
            matchers: vec![Matcher::parse(&matcher).unwrap()],
            time: self.quiet_time(),
            created_by: "x".to_owned(),
            comment: "known".to_owned(),
            created_at: self.now,
            history: Vec::new(),
        }
    }

    fn quiet_time(&mut self) -> QuietTime {
        if self.random.percent(25) {
            let hour = i8::try_from(self.random.between(0, 22)).unwrap();
            let zone = *self.random.pick(&["Europe/Berlin", "Asia/Tokyo"]).unwrap();
            let weekly = Weekly {
                days: Weekdays::parse(["mon", "tue", "wed", "fri", "sat", "sun"]).unwrap(),
                from: jiff::civil::time(hour, 0, 0, 0),
                to: jiff::civil::time(hour + 1, 0, 0, 0),
                time_zone: jiff::tz::TimeZone::get(zone).unwrap(),
            };
            let ends_at = self.now + SignedDuration::from_hours(24 * 7);
            return QuietTime { starts_at: self.now, ends_at, weekly: Some(weekly) };
        }
        let lead = SignedDuration::from_mins(self.random.between(0, 30));
        let ends_at = self.later(120) + SignedDuration::from_secs(1);
        let starts_at = (self.now + lead).min(ends_at - SignedDuration::from_secs(1));
        QuietTime { starts_at, ends_at, weekly: None }
    }

    fn about_duty(&mut self) -> Option<Action> {
        let schedule: ScheduleId = (*self.random.pick(&SCHEDULES).unwrap()).into();
        let (starts_at, created_at) = (self.now, self.now);
        let created_by = "x".to_owned();
        let ends_at = self.later(600);
        let duty = self.view.state.duty();
        Some(match self.random.below(7) {
            3 => {
                let ids: Vec<_> = duty.overrides().map(|over| over.id.clone()).collect();
                Action::RemoveOverride(self.random.pick(&ids)?.clone())
            }
            4 => {
                let ids: Vec<_> = duty.absences().map(|absence| absence.id.clone()).collect();
                Action::RemoveAbsence(self.random.pick(&ids)?.clone())
            }
            5 => {
                let ids: Vec<_> = duty.temporaries().map(|one| one.id.clone()).collect();
                Action::RemoveTemporary(self.random.pick(&ids)?.clone())
            }
            6 => {
                let before = self.random.percent(50).then(|| SignedDuration::from_mins(30));
                let (at_start, at_end) = (self.random.percent(50), self.random.percent(50));
                let person = self.person();
                Action::SetHandoffWish(HandoffWish { person, at_start, at_end, before })
            }
            0 => Action::PutOverride(Override {
                id: self.name.as_str().into(),
                schedule,
                person: self.person(),
                starts_at,
                ends_at,
                created_at,
                created_by,
            }),
            1 => Action::PutAbsence(Absence {
                id: self.name.as_str().into(),
                person: self.person(),
                starts_at,
                ends_at,
                source: "manual".to_owned(),
                summary: "away".to_owned(),
                created_at,
                created_by,
            }),
            _ => Action::PutTemporary(Temporary {
                id: self.name.as_str().into(),
                schedule,
                name: "holidays".to_owned(),
                starts_at,
                ends_at,
                // The second half is a gap.
                shifts: vec![FixedShift {
                    person: self.person(),
                    starts_at,
                    ends_at: starts_at + ends_at.duration_since(starts_at) / 2,
                }],
                created_at,
                created_by,
            }),
        })
    }

    fn about_a_swap(&mut self) -> Option<Action> {
        let swaps = self.view.state.swaps();
        let open: Vec<_> = swaps.all().filter(|swap| swap.is_open()).cloned().collect();
        let Some(swap) = self.random.pick(&open).filter(|_| self.random.percent(60)) else {
            return self.offer();
        };
        let id = swap.id.clone();
        let to = swap.to.clone();
        Some(match self.random.below(6) {
            0..=3 => {
                let person = to.unwrap_or_else(|| self.person());
                self.whose = Some(person.clone());
                Action::AcceptSwap { swap: id, person }
            }
            4 => {
                self.whose = to;
                Action::DeclineSwap(id)
            }
            _ => {
                self.whose = Some(swap.from.clone());
                Action::WithdrawSwap(id)
            }
        })
    }

    /// A shift to come, or a piece of it, perhaps in return for one of somebody else's.
    fn offer(&mut self) -> Option<Action> {
        let (from, gives) = self.span()?;
        let other = self.span().filter(|(to, _)| *to != from);
        let (to, in_return) = match (other, self.random.below(3)) {
            (_, 0) => (None, None),
            (Some((to, span)), 1) => (Some(to), Some(span)),
            (Some((to, _)), _) => (Some(to), None),
            (None, _) => (Some(self.person()), None),
        };
        self.whose = Some(from.clone());
        Some(Action::OfferSwap(Box::new(Swap {
            id: self.name.as_str().into(),
            from,
            to,
            gives,
            in_return,
            note: String::new(),
            expires_at: self.later(3_000),
            created_at: self.now,
            created_by: "x".to_owned(),
            status: SwapStatus::Offered,
        })))
    }

    fn span(&mut self) -> Option<(PersonId, DutySpan)> {
        let id: ScheduleId = (*self.random.pick(&SCHEDULES).unwrap()).into();
        let at = self.later(2_000);
        let shift = schedule::calendar(self.view, &id)?.next_after(at)?;
        let from = shift.starts_at.max(at);
        let whole = shift.ends_at.min(from + SignedDuration::from_hours(24 * 20));
        let length = whole.duration_since(from);
        let ends_at = if self.random.percent(50) { whole } else { from + length / 2 };
        Some((shift.person, DutySpan { schedule: id, starts_at: from, ends_at }))
    }

    fn about_a_person(&mut self) -> Option<Action> {
        let person = self.person();
        let profile = self.view.state.profile(&person);
        Some(match self.random.below(8) {
            0 | 1 => {
                let channel = *self.random.pick(&["chat", "sms", "voice"]).unwrap();
                let method = ContactMethod {
                    id: channel.into(),
                    channel: channel.to_owned(),
                    address: format!("{channel} of {person}"),
                    verified: self.random.percent(80),
                    created_at: self.now,
                };
                Action::PutMethod { person, method }
            }
            2 => {
                let method = self.random.pick(&profile?.methods)?.id.clone();
                Action::RemoveMethod { person, method }
            }
            3 | 4 => {
                let methods = profile?.methods.clone();
                Action::SetRules { person, rules: self.rules(&methods) }
            }
            5 => {
                let method = self.random.pick(&profile?.methods)?.id.clone();
                Action::TestMethod { person, method }
            }
            _ => Action::Prefer { person, choices: vec![self.preference()] },
        })
    }

    fn rules(&mut self, methods: &[ContactMethod]) -> Vec<NotificationRule> {
        let mut rules = Vec::new();
        for method in methods {
            for urgency in [Urgency::High, Urgency::Low] {
                if self.random.percent(75) {
                    let delay = SignedDuration::from_mins(self.random.between(0, 12));
                    rules.push(NotificationRule { urgency, method: method.id.clone(), delay });
                }
            }
        }
        rules
    }

    fn preference(&mut self) -> Preference {
        let breakthrough = [
            Breakthrough::Nothing,
            Breakthrough::HighUrgency,
            Breakthrough::HighUrgency,
            Breakthrough::Priority(Priority::P2),
        ];
        match self.random.below(4) {
            0 => Preference::Language(Some(Language::Japanese)),
            1 => Preference::QuietHours(Vec::new()),
            2 => Preference::QuietHours(vec![QuietHours {
                days: Weekdays::ALL,
                from: jiff::civil::time(22, 0, 0, 0),
                to: jiff::civil::time(i8::try_from(self.random.between(4, 9)).unwrap(), 0, 0, 0),
                breakthrough: *self.random.pick(&breakthrough).unwrap(),
            }]),
            _ => Preference::Channel(ChannelPreference {
                channel: (*self.random.pick(&["email", "chat", "sms"]).unwrap()).to_owned(),
                status_updates: self.random.percent(50),
                resolve_notices: self.random.percent(50),
            }),
        }
    }
}
