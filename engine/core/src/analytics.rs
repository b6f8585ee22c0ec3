//! How incidents went, in numbers: per service, per team or per person, and all together.
//!
//! Incidents come in one after the other, in any order; a report goes out. What each number means is written down in
//! `docs/reference/analytics.md`, and nowhere else in words: the incidents themselves keep the instants and counts that
//! this needs ([`crate::model::Life`]), so that neither timelines nor deliveries have to be read. Nothing is judged here:
//! which incidents are asked for is the caller's to say.

use crate::model::{Actor, Closing, Directory, Incident, IncidentStatus, PagesTo};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What a row of the report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Each service with an incident.
    Service,
    /// Each team that owns such a service.
    Team,
    /// Each person who was paged or acknowledged.
    Person,
}

/// How times spread. Whole seconds, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many there were; not zero.
    pub count: u64,
    /// Their sum by their number.
    pub mean_s: u64,
    /// The smallest that half of them do not exceed.
    pub p50_s: u64,
    /// The smallest that nine of ten do not exceed.
    pub p90_s: u64,
    /// The largest.
    pub max_s: u64,
}

/// The numbers of one service, team or person, or of all incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Incidents that were opened; of a person: about which they were paged or which they acknowledged first.
    pub incidents: u64,
    /// Of them: want somebody now.
    pub triggered: u64,
    /// Of them: acknowledged at least once; of a person: by them first.
    pub acknowledged: u64,
    /// Of them: over, and not merged into another.
    pub resolved: u64,
    /// Of them: their alerts went on in another one.
    pub merged: u64,
    /// Of them: went beyond the first step.
    pub escalated: u64,
    /// Of them: reopened at least once.
    pub reopened: u64,
    /// How often they were, all together.
    pub reopenings: u64,
    /// Pages that the other side took.
    pub pages: u64,
    /// Of them: of high urgency.
    pub high_pages: u64,
    /// How often a high page interrupted somebody's sleep.
    pub sleep_interruptions: u64,
    /// From the opening to the first page that left; of a person: to the first to them.
    pub to_first_page: Option<Spread>,
    /// From the opening to the first acknowledgement; of a person: from the first page to them to theirs, when it was first.
    pub to_acknowledge: Option<Spread>,
    /// From the opening to the end, merged ones left out.
    pub to_resolve: Option<Spread>,
}

/// Everything together, and one row for each key, by key. `None` is the key of services without a team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// All incidents that came in, each once.
    pub total: Row,
    /// Whatever was asked for.
    pub rows: BTreeMap<Option<String>, Row>,
}

/// A report in the making.
#[derive(Debug)]
pub struct Aggregation<'a> {
    directory: &'a Directory,
    by: By,
    total: Gathered,
    rows: BTreeMap<Option<String>, Gathered>,
}

#[derive(Debug, Default)]
struct Gathered {
    row: Row,
    to_first_page: Vec<u64>,
    to_acknowledge: Vec<u64>,
    to_resolve: Vec<u64>,
}

impl<'a> Aggregation<'a> {
    /// An empty one. The directory says which team owns a service now.
    pub fn new(directory: &'a Directory, by: By) -> Self {
        Self { directory, by, total: Gathered::default(), rows: BTreeMap::new() }
    }

    /// Adds an incident, as it stands.
    pub fn add(&mut self, incident: &Incident) {
        self.total.add(incident);
        match self.by {
            By::Service => self.row(Some(incident.service.to_string())).add(incident),
            By::Team => self.row(self.team_of(incident)).add(incident),
            By::Person => self.add_people(incident),
        }
    }

    /// How many incidents came in.
    pub fn len(&self) -> u64 {
        self.total.row.incidents
    }

    /// Whether none did.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The report.
    pub fn finish(self) -> Report {
        let rows = self.rows.into_iter().map(|(key, gathered)| (key, gathered.finish()));
        Report { rows: rows.collect(), total: self.total.finish() }
    }

    fn row(&mut self, key: Option<String>) -> &mut Gathered {
        self.rows.entry(key).or_default()
    }

    fn team_of(&self, incident: &Incident) -> Option<String> {
        let service = self.directory.services.get(&incident.service)?;
        service.team.as_ref().map(ToString::to_string)
    }

    fn add_people(&mut self, incident: &Incident) {
        let first = match &incident.life.first_acknowledged_by {
            Some(Actor::Person(person)) => Some(person),
            Some(Actor::Admin(_) | Actor::Monitor(_) | Actor::Engine) | None => None,
        };
        for to in &incident.life.pages {
            let acknowledged = first == Some(&to.person);
            self.row(Some(to.person.to_string())).add_paged(incident, to, acknowledged);
        }
        if let Some(person) = first
            && incident.life.pages.iter().all(|to| to.person != *person)
        {
            let gathered = self.row(Some(person.to_string()));
            gathered.about(incident);
            gathered.row.acknowledged += 1;
        }
    }
}

impl Gathered {
    fn add(&mut self, incident: &Incident) {
        self.about(incident);
        self.row.acknowledged += u64::from(incident.life.first_acknowledged_at.is_some());
        for to in &incident.life.pages {
            self.pages(to);
        }
        let since = |at: Timestamp| seconds(incident.created_at, at);
        self.to_first_page.extend(incident.life.first_paged_at.map(since));
        self.to_acknowledge.extend(incident.life.first_acknowledged_at.map(since));
    }

    fn add_paged(&mut self, incident: &Incident, to: &PagesTo, acknowledged: bool) {
        self.about(incident);
        self.pages(to);
        self.to_first_page.push(seconds(incident.created_at, to.first_at));
        if acknowledged {
            self.row.acknowledged += 1;
            let at = incident.life.first_acknowledged_at;
            // A page that left before the first acknowledgement: a later one did not lead to it.
            let led = at.filter(|at| *at >= to.first_at);
            self.to_acknowledge.extend(led.map(|at| seconds(to.first_at, at)));
        }
    }

    /// What holds of the incident, whoever is asked about.
    fn about(&mut self, incident: &Incident) {
        let (row, life) = (&mut self.row, &incident.life);
        let merged = matches!(incident.closing, Some(Closing::Merged(_)));
        row.incidents += 1;
        row.triggered += u64::from(incident.status == IncidentStatus::Triggered);
        row.merged += u64::from(merged);
        row.escalated += u64::from(life.escalated_at.is_some());
        row.reopened += u64::from(life.reopened > 0);
        row.reopenings += u64::from(life.reopened);
        if let Some(at) = incident.resolved_at.filter(|_| !incident.is_open() && !merged) {
            row.resolved += 1;
            self.to_resolve.push(seconds(incident.created_at, at));
        }
    }

    fn pages(&mut self, to: &PagesTo) {
        self.row.pages += u64::from(to.pages);
        self.row.high_pages += u64::from(to.high);
        self.row.sleep_interruptions += u64::from(to.sleep_interruptions);
    }

    fn finish(self) -> Row {
        Row {
            to_first_page: spread(self.to_first_page),
            to_acknowledge: spread(self.to_acknowledge),
            to_resolve: spread(self.to_resolve),
            ..self.row
        }
    }
}

/// A clock that went back makes no negative time.
fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    to.duration_since(from).max(SignedDuration::ZERO).as_secs().unsigned_abs()
}

fn spread(mut seconds: Vec<u64>) -> Option<Spread> {
    seconds.sort_unstable();
    let max_s = *seconds.last()?;
    let count = seconds.len() as u64;
    let sum: u128 = seconds.iter().map(|one| u128::from(*one)).sum();
    let mean_s = u64::try_from(sum / u128::from(count)).unwrap_or(u64::MAX);
    // The nearest rank: no value that did not occur.
    let rank = |percent: usize| seconds[(seconds.len() * percent).div_ceil(100).max(1) - 1];
    Some(Spread { count, mean_s, p50_s: rank(50), p90_s: rank(90), max_s })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        for (values, expected) in [
            (vec![7], (7, 7, 7, 7)),
            (vec![4, 1], (2, 1, 4, 4)),
            (vec![3, 1, 2], (2, 2, 3, 3)),
            ((1..=10).collect(), (5, 5, 9, 10)),
            ((1..=100).rev().collect(), (50, 50, 90, 100)),
            (vec![0, 0, 0, 9], (2, 0, 9, 9)),
        ] {
            let spread = spread(values.clone()).expect("not empty");
            let got = (spread.mean_s, spread.p50_s, spread.p90_s, spread.max_s);
            assert_eq!(got, expected, "{values:?}");
        }
        assert_eq!(spread(Vec::new()), None);
    }

    proptest! {
        #[test]
        fn a_percentile_is_the_smallest_that_so_many_do_not_exceed(
            values in proptest::collection::vec(0..1_000_u64, 1..60)
        ) {
            let got = spread(values.clone()).expect("not empty");
            for (percent, value) in [(50, got.p50_s), (90, got.p90_s)] {
                let enough = |bound: u64| {
                    values.iter().filter(|one| **one <= bound).count() * 100 >= values.len() * percent
                };
                let slow = values.iter().copied().filter(|one| enough(*one)).min();
                prop_assert_eq!(Some(value), slow);
            }
        }
    }
}
