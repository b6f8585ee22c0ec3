//! What becomes of incidents besides being answered: reopened, merged, split, followed.

use super::*;

const SECOND: IncidentId = IncidentId(2);

fn alert(key: &str) -> AlertId {
    AlertId { integration: "nagios".into(), dedup_key: key.into() }
}

impl World {
    /// A trigger within ten minutes of the end reopens.
    fn reopening() -> Self {
        let mut world = Self::new();
        let shop = world.directory.services.get_mut("shop").expect("there");
        shop.reopen_within = SignedDuration::from_mins(10);
        world
    }

    fn grouped(&mut self, key: &str, group: &str) -> Fate {
        self.event(key, EventKind::Trigger, |judged| {
            judged.decision.group_key = Some(group.to_owned());
        })
    }

    fn low(&mut self, key: &str) -> Fate {
        self.event(key, EventKind::Trigger, |judged| {
            judged.decision.urgency = Some(Urgency::Low);
        })
    }

    /// Keys of the alerts that fire in an incident.
    fn firing(&self, id: IncidentId) -> Vec<String> {
        let own = self
            .state
            .alerts()
            .filter(|alert| alert.status == AlertStatus::Firing && alert.incident == Some(id));
        own.map(|alert| alert.id.dedup_key.to_string()).collect()
    }

    fn merge(&mut self, into: IncidentId, incidents: &[IncidentId]) -> Reply {
        self.act("alice", Action::Merge { into, incidents: incidents.to_vec() })
    }

    fn silence_key(&mut self, key: &str) {
        let silence = silence("s", &format!("key={key}"), self.now, 60);
        self.act("alice", Action::PutSilence(silence));
    }
}

#[test]
fn a_flap_reopens_the_same_incident_and_rings_from_step_one() {
    let mut world = World::reopening();
    world.trigger("disk");
    world.pass(6);
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.resolve("disk"), Fate::Resolved(Some(FIRST)));
    assert!(world.state.incident(FIRST).is_none(), "it is over");
    world.pass(9);
    assert_eq!(world.trigger("disk"), Fate::Reopened(FIRST));
    let incident = world.incident(1);
    assert_eq!(incident.status, IncidentStatus::Triggered);
    assert_eq!(
        (incident.resolved_at, &incident.closing, &incident.acknowledged_by),
        (None, &None, &None)
    );
    assert_eq!((incident.life.reopened, incident.life.reopened_at), (1, Some(world.now)));
    assert_eq!(world.pages(), ["alice", "bob", "alice"].map(|p| format!("{p} via email")));
    assert!(world.has(|kind| matches!(kind, TimelineKind::Reopened { .. })));
    assert_eq!(world.state.timer(&TimerKey::Leave(FIRST)), None);
    // It may flap again, as often as it likes.
    world.resolve("disk");
    assert_eq!(world.trigger("disk"), Fate::Reopened(FIRST));
    assert_eq!(world.incident(1).life.reopened, 2);
    assert_eq!(world.trigger("other"), Fate::Opened(SECOND), "of another alert");
}

#[test]
fn the_window_is_half_open_and_off_by_default() {
    for (minutes, fate) in [(9, Fate::Reopened(FIRST)), (10, Fate::Opened(SECOND))] {
        let mut world = World::reopening();
        world.trigger("disk");
        world.resolve("disk");
        world.now += SignedDuration::from_mins(minutes);
        assert_eq!(world.trigger("disk"), fate, "{minutes} minutes, the timer may be late");
    }
    let mut world = World::new();
    world.trigger("disk");
    world.resolve("disk");
    assert_eq!(world.trigger("disk"), Fate::Opened(SECOND));
}

#[test]
fn after_the_window_the_incident_is_let_go() {
    let mut world = World::reopening();
    world.trigger("disk");
    world.resolve("disk");
    // The page that had not left is waited for, but not as long as the window.
    world.pass(9);
    assert_eq!(world.state.leaving_len(), 1);
    world.pass(2);
    assert_eq!(world.state.leaving_len(), 0);
}

#[test]
fn an_alert_of_the_same_group_reopens_and_one_of_an_open_group_joins() {
    let mut world = World::reopening();
    world.grouped("disk", "db");
    world.resolve("disk");
    assert_eq!(world.grouped("load", "db"), Fate::Reopened(FIRST));
    assert_eq!(world.grouped("disk", "db"), Fate::Joined(FIRST));
    assert_eq!(world.firing(FIRST), ["disk", "load"]);
    // Another incident of the group has opened: the alert's own old one does not come back beside it.
    let mut world = World::reopening();
    world.grouped("disk", "db");
    world.resolve("disk");
    world.pass(11);
    assert_eq!(world.grouped("load", "db"), Fate::Opened(SECOND));
    assert_eq!(world.grouped("disk", "db"), Fate::Joined(SECOND));
}

#[test]
fn what_a_person_resolved_reopens_only_for_a_new_episode() {
    let mut world = World::reopening();
    let since = world.now;
    let again = |judged: &mut JudgedEvent| {
        Arc::make_mut(&mut judged.event).starts_at = Some(since);
    };
    world.event("disk", EventKind::Trigger, again);
    world.act("alice", Action::Resolve(FIRST));
    world.pass(1);
    assert_eq!(world.event("disk", EventKind::Trigger, again), Fate::ClosedByPerson);
    assert_eq!(world.trigger("disk"), Fate::Reopened(FIRST), "it began anew");
}

#[test]
fn a_louder_alert_that_reopens_makes_it_loud() {
    let mut world = World::reopening();
    world.low("disk");
    world.resolve("disk");
    world.trigger("disk");
    assert_eq!(world.incident(1).urgency, Urgency::High);
    world.resolve("disk");
    world.low("disk");
    assert_eq!(world.incident(1).urgency, Urgency::High, "it never becomes quieter");
}

#[test]
fn i12_merging_stops_the_pages_of_the_merged_and_the_target_goes_on() {
    let mut world = World::new();
    world.trigger("disk");
    world.pass(1);
    world.trigger("load");
    assert_eq!(world.pending().len(), 2);
    assert_eq!(world.merge(FIRST, &[SECOND]), Reply::Done);
    let pending: Vec<_> = world.state.deliveries().map(|page| page.incident).collect();
    assert_eq!(pending, [FIRST], "the page about the other has been taken back");
    assert_eq!(world.firing(FIRST), ["disk", "load"]);
    assert!(world.state.incident(SECOND).is_none());
    let target = world.incident(1);
    assert_eq!(target.life.merged, [SECOND]);
    let of = |id: IncidentId, kind: &TimelineKind| {
        world.timeline.iter().any(|entry| entry.incident == id && entry.kind == *kind)
    };
    assert!(of(SECOND, &TimelineKind::MergedInto { into: FIRST }));
    let title = "load is down".to_owned();
    assert!(of(FIRST, &TimelineKind::Merged { from: SECOND, title, alerts: 1 }));
    // The escalation of the target is where it was.
    world.pass(4);
    assert_eq!(world.pages().last().map(String::as_str), Some("bob via email"));
    assert_eq!(world.resolve("load"), Fate::Resolved(Some(FIRST)));
    assert!(world.state.incident(FIRST).is_some(), "disk still fires");
    assert_eq!(world.resolve("disk"), Fate::Resolved(Some(FIRST)));
    assert!(world.state.incident(FIRST).is_none());
}

#[test]
fn merging_into_an_acknowledged_incident_rings_nobody_unless_it_becomes_louder() {
    let mut world = World::new();
    world.low("disk");
    world.act("alice", Action::Acknowledge(FIRST));
    world.low("load");
    let before = world.pages().len();
    world.merge(FIRST, &[SECOND]);
    world.pass(60);
    assert_eq!(world.pages().len(), before, "somebody has it");
    world.trigger("web");
    world.merge(FIRST, &[IncidentId(3)]);
    let target = world.incident(1);
    assert_eq!((target.status, target.urgency), (IncidentStatus::Triggered, Urgency::High));
    assert_eq!(world.pages().len(), before + 2, "its own page, and the target's from step 1");
}

#[test]
fn a_merged_alert_that_is_silenced_rings_nobody_and_one_that_is_not_ends_the_pause() {
    let mut world = World::new();
    world.low("disk");
    world.silence_key("disk");
    assert!(world.incident(1).escalation.paused_with.is_some());
    world.trigger("load");
    world.merge(FIRST, &[SECOND]);
    assert!(world.incident(1).is_ringing());
    let mut world = World::new();
    world.low("disk");
    world.act("alice", Action::Acknowledge(FIRST));
    world.trigger("load");
    world.silence_key("load");
    world.merge(FIRST, &[SECOND]);
    assert_eq!(world.incident(1).status, IncidentStatus::Acknowledged);
}

#[test]
fn the_groups_of_merged_incidents_join_the_target_and_their_people_follow() {
    let mut world = World::new();
    world.grouped("disk", "db");
    world.grouped("load", "web");
    world.act("carol", Action::Subscribe { incident: SECOND, person: "carol".into() });
    world.act("bob", Action::Acknowledge(SECOND));
    world.merge(FIRST, &[SECOND]);
    assert_eq!(world.grouped("cpu", "web"), Fate::Joined(FIRST));
    assert_eq!(world.grouped("ram", "db"), Fate::Joined(FIRST));
    let target = world.incident(1);
    assert_eq!(target.subscribers, ["carol".into()]);
    let bob = Actor::Person("bob".into());
    assert!(target.answered_by.contains(&bob));
    assert_eq!(target.status, IncidentStatus::Triggered, "nobody has the target");
    for key in ["disk", "load", "cpu", "ram"] {
        world.resolve(key);
    }
    assert_eq!(world.grouped("load", "web"), Fate::Opened(IncidentId(3)), "it is over");
}

#[test]
fn a_merged_incident_does_not_come_back_and_the_target_does() {
    let mut world = World::reopening();
    world.trigger("disk");
    world.trigger("load");
    world.merge(FIRST, &[SECOND]);
    world.resolve("disk");
    world.resolve("load");
    assert_eq!(world.trigger("load"), Fate::Reopened(FIRST));
}

#[test]
fn merging_refuses_what_makes_no_sense_and_changes_nothing() {
    let mut world = World::new();
    world.trigger("disk");
    let state = world.state.clone();
    for (into, incidents) in
        [(FIRST, vec![]), (FIRST, vec![FIRST]), (FIRST, vec![SECOND]), (SECOND, vec![FIRST])]
    {
        let reply = world.merge(into, &incidents);
        assert!(matches!(reply, Reply::Refused(_)), "{into} {incidents:?}");
        assert_eq!(world.state, state);
    }
}

#[test]
fn a_split_takes_its_alerts_with_it_and_rings_for_itself() {
    let mut world = World::new();
    world.grouped("disk", "db");
    world.grouped("load", "db");
    let before = world.pages().len();
    let split = Action::Split { incident: FIRST, alerts: vec![alert("load")] };
    assert_eq!(world.act("alice", split), Reply::Done);
    assert_eq!(
        (world.firing(FIRST), world.firing(SECOND)),
        (vec!["disk".to_owned()], vec!["load".to_owned()])
    );
    assert_eq!(world.pages().len(), before + 1);
    assert_eq!(world.incident(2).life.split_from, Some(FIRST));
    assert_eq!(world.incident(2).policy.id.as_str(), "shop");
    assert_eq!(world.grouped("ram", "db"), Fate::Joined(FIRST), "the group stays");
    assert_eq!(world.grouped("load", "db"), Fate::Repeated(Some(SECOND)));
    world.act("bob", Action::Acknowledge(SECOND));
    assert_eq!(world.incident(1).status, IncidentStatus::Triggered, "each is answered by itself");
    assert_eq!(world.resolve("load"), Fate::Resolved(Some(SECOND)));
}

#[test]
fn a_split_of_an_acknowledged_incident_is_acknowledged_and_rings_nobody() {
    let mut world = World::new();
    world.grouped("disk", "db");
    world.grouped("load", "db");
    let until = world.now + SignedDuration::from_hours(2);
    world.act("alice", Action::Snooze { incident: FIRST, until });
    let before = world.pages().len();
    world.act("alice", Action::Split { incident: FIRST, alerts: vec![alert("load")] });
    world.pass(60);
    assert_eq!(world.pages().len(), before);
    let new = world.incident(2);
    assert_eq!(new.acknowledged_by.as_deref(), Some("alice"));
    world.pass(61);
    assert_eq!(
        world.incident(2).status,
        IncidentStatus::Triggered,
        "its sleep ends as the other's"
    );
}

#[test]
fn a_split_leaves_a_firing_alert_and_takes_only_what_fires_there() {
    let mut world = World::new();
    world.grouped("disk", "db");
    world.grouped("load", "db");
    world.trigger("other");
    let state = world.state.clone();
    for alerts in
        [vec![], vec![alert("disk"), alert("load")], vec![alert("other")], vec![alert("x")]]
    {
        let split = Action::Split { incident: FIRST, alerts: alerts.clone() };
        assert!(matches!(world.act("alice", split), Reply::Refused(_)), "{alerts:?}");
        assert_eq!(world.state, state);
    }
    world.silence_key("disk");
    world.act("alice", Action::Split { incident: FIRST, alerts: vec![alert("load")] });
    assert!(world.incident(1).escalation.paused_with.is_some(), "what stays is silenced");
    assert!(world.incident(3).is_ringing());
}

#[test]
fn priority_followers_and_status_updates_are_on_the_timeline_once_each() {
    let mut world = World::new();
    let shop = world.directory.services.get_mut("shop").expect("there");
    shop.subscribers = vec!["bob".into(), "gone".into()];
    world.trigger("disk");
    assert_eq!(
        world.incident(1).subscribers,
        ["bob".into()],
        "of the service, if there is such a person"
    );
    let priority = Some(Priority::P1);
    for _ in 0..2 {
        world.act("alice", Action::SetPriority { incident: FIRST, priority });
        world.act("alice", Action::Subscribe { incident: FIRST, person: "carol".into() });
    }
    world.act("alice", Action::Unsubscribe { incident: FIRST, person: "bob".into() });
    world.act(
        "alice",
        Action::PostUpdate { incident: FIRST, text: "a disk is on its way".to_owned() },
    );
    let incident = world.incident(1);
    assert_eq!((incident.priority, &incident.subscribers[..]), (priority, &["carol".into()][..]));
    let kinds: Vec<_> = world.timeline.iter().map(|entry| entry.kind.clone()).collect();
    assert_eq!(
        kinds[kinds.len() - 5..],
        [
            TimelineKind::PriorityChanged { to: priority },
            TimelineKind::Subscribed { person: "carol".into() },
            TimelineKind::Unsubscribed { person: "bob".into() },
            TimelineKind::StatusUpdate { text: "a disk is on its way".to_owned() },
            TimelineKind::NewsDecided {
                person: "carol".into(),
                channel: "email".to_owned(),
                update: "a disk is on its way".to_owned(),
                held_until: None,
            },
        ]
    );
    for action in [
        Action::Subscribe { incident: FIRST, person: "nobody".into() },
        Action::Unsubscribe { incident: FIRST, person: "bob".into() },
        Action::PostUpdate { incident: FIRST, text: "  ".to_owned() },
        Action::SetPriority { incident: SECOND, priority },
    ] {
        assert!(matches!(world.act("alice", action.clone()), Reply::Refused(_)), "{action:?}");
    }
}

#[test]
fn an_action_says_through_which_door_it_came_and_what_follows_is_the_engines() {
    let mut world = World::new();
    world.trigger("disk");
    let via = Some(Via::Channel("slack".to_owned()));
    let by = Actor::Person("alice".into());
    world.input(Input::Action { by, via: via.clone(), action: Action::Acknowledge(FIRST) });
    let doors: Vec<_> = world.timeline.iter().map(|entry| (&entry.actor, &entry.via)).collect();
    assert!(doors.contains(&(&Actor::Person("alice".into()), &via)));
    assert!(doors.contains(&(&Actor::Monitor("nagios".into()), &Some(Via::Monitor))));
    let engine = doors.iter().filter(|(actor, _)| **actor == Actor::Engine);
    assert!(engine.clone().count() > 1 && engine.clone().all(|(_, via)| via.is_none()));
}

#[test]
fn an_incident_remembers_when_it_was_first_paged_acknowledged_and_escalated() {
    let mut world = World::new();
    world.trigger("disk");
    assert_eq!(world.incident(1).life.first_paged_at, None, "nothing has left");
    world.pass(1);
    let page = world.state.deliveries().next().expect("a page").id.to_string();
    world.attempt(&page, done());
    let left = world.now;
    world.pass(5);
    let escalated = world.now - SignedDuration::from_mins(1);
    world.act("bob", Action::Acknowledge(FIRST));
    let first = world.now;
    world.pass(1);
    world.act("carol", Action::Acknowledge(FIRST));
    let life = &world.incident(1).life;
    assert_eq!(life.first_paged_at, Some(left));
    assert_eq!(life.escalated_at, Some(escalated));
    assert_eq!(life.first_acknowledged_at, Some(first));
    assert_eq!(life.first_acknowledged_by, Some(Actor::Person("bob".into())));
    assert_eq!(
        (life.pages.len(), life.pages[0].pages, life.pages[0].sleep_interruptions),
        (1, 1, 0)
    );
}
