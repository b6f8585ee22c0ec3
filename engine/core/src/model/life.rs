//! What an incident remembers of its own life, for those who ask later how it went, and for what may still become of it.

use super::{Actor, IncidentId, PersonId, ServiceId, TimelineKind, Urgency};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// People whose pages one incident counts.
const PAGED_MAX: usize = 128;
/// Sleep hours begin at this hour of the person's own day …
const SLEEP_FROM: i8 = 22;
/// … and end before this one.
const SLEEP_TO: i8 = 7;
/// A further page within so long of one that woke a person is of the same interruption.
const ONE_INTERRUPTION: SignedDuration = SignedDuration::from_mins(5);

/// What was counted and when it happened first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When the other side first took a page.
    pub first_paged_at: Option<Timestamp>,
    /// When it was first acknowledged, even if more people were to.
    pub first_acknowledged_at: Option<Timestamp>,
    /// By whom.
    pub first_acknowledged_by: Option<Actor>,
    /// When it first went beyond the first step of its policy.
    pub escalated_at: Option<Timestamp>,
    /// The pages each person got, in order of their first.
    pub pages: Vec<PagesTo>,
    /// How often it was reopened.
    pub reopened: u32,
    /// When it was last reopened.
    pub reopened_at: Option<Timestamp>,
    /// Of a resolved one: until then, exclusively, a trigger of its alerts or its group reopens it.
    pub reopen_until: Option<Timestamp>,
    /// The incidents that were merged into it, in that order.
    pub merged: Vec<IncidentId>,
    /// Their services and group keys: alerts of those join it as those of its own do.
    pub absorbed: Vec<(ServiceId, String)>,
    /// The incident it was split from.
    pub split_from: Option<IncidentId>,
}

/// What one person was paged about one incident. Pages that the other side took, not those that never left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagesTo {
    /// Who.
    pub person: PersonId,
    /// When the first left.
    pub first_at: Timestamp,
    /// How many there were.
    pub pages: u32,
    /// How many of them were of high urgency.
    pub high: u32,
    /// How often high ones interrupted the person's sleep.
    pub sleep_interruptions: u32,
    /// When the latest of those that did left.
    pub asleep_at: Option<Timestamp>,
}

impl Life {
    /// Takes note of what a line of the timeline says.
    pub fn note(&mut self, kind: &TimelineKind, actor: &Actor, at: Timestamp, has_steps: bool) {
        match kind {
            TimelineKind::StepReached { pass, step } if (*pass, *step) > (1, 0) => {
                self.escalated_at.get_or_insert(at);
            }
            TimelineKind::FallbackReached { .. } if has_steps => {
                self.escalated_at.get_or_insert(at);
            }
            TimelineKind::Acknowledged
            | TimelineKind::AcknowledgedInPart { .. }
            | TimelineKind::Snoozed { .. }
                if self.first_acknowledged_at.is_none() =>
            {
                self.first_acknowledged_at = Some(at);
                self.first_acknowledged_by = Some(actor.clone());
            }
            _ => {}
        }
    }

    /// Counts a page that the other side took. `zone` is the person's. Of a message of several pages one `rings`, and only that
    /// one may have interrupted somebody's sleep.
    pub fn count_page(
        &mut self,
        person: &PersonId,
        zone: &TimeZone,
        urgency: Urgency,
        at: Timestamp,
        rings: bool,
    ) {
        self.first_paged_at.get_or_insert(at);
        let place = match self.pages.iter().position(|known| known.person == *person) {
            Some(place) => place,
            None if self.pages.len() >= PAGED_MAX => return,
            None => {
                let (person, first_at, asleep_at) = (person.clone(), at, None);
                let none = PagesTo {
                    person,
                    first_at,
                    pages: 0,
                    high: 0,
                    sleep_interruptions: 0,
                    asleep_at,
                };
                self.pages.push(none);
                self.pages.len() - 1
            }
        };
        let to = &mut self.pages[place];
        to.pages = to.pages.saturating_add(1);
        if urgency == Urgency::High {
            to.high = to.high.saturating_add(1);
            if rings && is_asleep(at, zone) {
                to.interrupted(at);
            }
        }
    }
}

impl PagesTo {
    fn interrupted(&mut self, at: Timestamp) {
        let same =
            self.asleep_at.is_some_and(|before| at.duration_since(before).abs() < ONE_INTERRUPTION);
        if !same {
            self.sleep_interruptions = self.sleep_interruptions.saturating_add(1);
        }
        self.asleep_at = Some(at);
    }
}

/// Whether the person's wall clock shows sleep hours: 22:00 to 07:00.
pub fn is_asleep(at: Timestamp, zone: &TimeZone) -> bool {
    let hour = at.to_zoned(zone.clone()).hour();
    !(SLEEP_TO..SLEEP_FROM).contains(&hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn sleep_hours_are_the_persons_own_and_half_open() {
        let tokyo = TimeZone::get("Asia/Tokyo").expect("zone");
        let berlin = TimeZone::get("Europe/Berlin").expect("zone");
        for (at, zone, asleep) in [
            ("2026-03-02T12:59:59Z", &tokyo, false),
            ("2026-03-02T13:00:00Z", &tokyo, true),
            ("2026-03-02T21:59:59Z", &tokyo, true),
            ("2026-03-02T22:00:00Z", &tokyo, false),
            // The clock goes forward at 02:00: seven o'clock comes an hour sooner.
            ("2026-03-29T04:59:59Z", &berlin, true),
            ("2026-03-29T05:00:00Z", &berlin, false),
            ("2026-03-28T05:59:59Z", &berlin, true),
        ] {
            assert_eq!(is_asleep(t(at), zone), asleep, "{at}");
        }
    }

    #[test]
    fn pages_close_together_are_one_interruption_and_low_ones_are_none() {
        let (mut life, alice) = (Life::default(), PersonId::new("alice"));
        let mut page = |urgency, at| life.count_page(&alice, &TimeZone::UTC, urgency, t(at), true);
        page(Urgency::Low, "2026-03-02T01:00:00Z");
        page(Urgency::High, "2026-03-02T01:10:00Z");
        page(Urgency::High, "2026-03-02T01:14:59Z");
        page(Urgency::High, "2026-03-02T01:19:59Z");
        page(Urgency::High, "2026-03-02T09:00:00Z");
        let to = &life.pages[0];
        assert_eq!((to.pages, to.high, to.sleep_interruptions), (5, 4, 2));
        life.count_page(&alice, &TimeZone::UTC, Urgency::High, t("2026-03-03T01:00:00Z"), false);
        let to = &life.pages[0];
        assert_eq!((to.pages, to.sleep_interruptions), (6, 2), "another page of the message rang");
        assert_eq!(life.first_paged_at, Some(t("2026-03-02T01:00:00Z")));
    }
}
