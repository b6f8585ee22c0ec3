//! Silences and maintenance windows, planned, recurring, one after the other.

use super::*;

fn window(id: &str, service: &str, from: Timestamp, minutes: i64) -> MaintenanceWindow {
    MaintenanceWindow {
        id: id.into(),
        services: vec![service.into()],
        integrations: Vec::new(),
        time: silence("x", "a=b", from, minutes).time,
        created_by: "bob".to_owned(),
        comment: "disks are replaced".to_owned(),
        created_at: from,
        history: Vec::new(),
    }
}

fn weekly(days: &[&str], from: &str, to: &str) -> Weekly {
    Weekly {
        days: Weekdays::parse(days.iter().copied()).expect("days"),
        from: from.parse().expect("from"),
        to: to.parse().expect("to"),
        time_zone: jiff::tz::TimeZone::get("Asia/Tokyo").expect("zone"),
    }
}

impl World {
    fn plan(&mut self, window: MaintenanceWindow) -> Reply {
        self.act("bob", Action::PutMaintenanceWindow(window))
    }

    fn invalid(&mut self, action: Action) -> String {
        match self.act("bob", action) {
            Reply::Refused(refusal) => refusal.to_string(),
            Reply::Done => panic!("not refused"),
        }
    }

    /// Decides without looking at every invariant, which is linear in what is open. Answers how much changed.
    fn decide_unchecked(&mut self, input: &Input) -> usize {
        let view = View { directory: &self.directory, state: &self.state };
        let transition = crate::decide(view, input, self.now);
        self.state.apply(&transition.changes);
        transition.changes.len()
    }

    fn decide_all_due(&mut self) {
        while let Some(timer) = self.state.due(self.now, 1).pop() {
            self.decide_unchecked(&Input::Due(timer.key));
        }
    }

    fn holders(&self) -> Vec<String> {
        let told = self.timeline.iter().filter_map(|entry| match &entry.kind {
            TimelineKind::PausedBy { holders } => Some(
                holders.iter().map(|holder| holder.by.to_string()).collect::<Vec<_>>().join("+"),
            ),
            TimelineKind::ResumedAfter { holders } => Some(format!(
                "not {}",
                holders.iter().map(|holder| holder.by.to_string()).collect::<Vec<_>>().join("+")
            )),
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn i06_a_maintenance_window_holds_its_services_alerts_and_says_so() {
    let mut world = World::new();
    world.trigger("cpu");
    let until = world.now + SignedDuration::from_mins(60);
    assert_eq!(world.plan(window("m1", "shop", world.now, 60)), Reply::Done);
    assert_eq!(
        world.trigger("disk"),
        Fate::Suppressed {
            reason: "disks are replaced".to_owned(),
            by: "maintenance window m1".to_owned(),
            author: Some("bob".to_owned()),
            until: Some(until),
        }
    );
    assert_eq!(world.pending(), Vec::<String>::new(), "the page that had not left is taken back");
    assert_eq!(world.holders(), ["maintenance window m1"]);
    let holder = &world.incident(1).escalation.paused_by[0];
    assert_eq!((holder.author.as_deref(), holder.until), (Some("bob"), Some(until)));
    world.pass(59);
    assert_eq!(world.state.incidents().count(), 1);
    world.pass(1);
    assert_eq!(world.incident(2).alerts[0].dedup_key.as_str(), "disk", "as if just triggered");
    assert_eq!(world.pending(), ["alice via email", "alice via email"]);
    assert_eq!(world.holders(), ["maintenance window m1", "not maintenance window m1"]);
}

#[test]
fn a_maintenance_window_may_be_of_an_integration_and_ends_by_hand() {
    let mut world = World::new();
    let window = MaintenanceWindow {
        services: Vec::new(),
        integrations: vec!["nagios".into()],
        ..window("m1", "shop", world.now, 60)
    };
    world.plan(window);
    assert!(matches!(world.trigger("disk"), Fate::Suppressed { .. }));
    assert_eq!(world.act("bob", Action::EndMaintenanceWindow("m1".into())), Reply::Done);
    assert_eq!(world.pending(), ["alice via email"]);
    let kept = world.state.quiet().window(&"m1".into()).expect("kept for a while").clone();
    assert_eq!((kept.time.ends_at, kept.history[0].what.as_str()), (world.now, "ended"));
    world.act("alice", Action::Resolve(FIRST));
    world.pass(6 * 24 * 60);
    assert_eq!(world.state.quiet().windows().count(), 0, "and forgotten");
}

#[test]
fn what_is_planned_ahead_begins_by_itself() {
    let mut world = World::new();
    let later = world.now + SignedDuration::from_mins(3);
    world.plan(window("m1", "shop", later, 60));
    world.trigger("disk");
    world.pass(2);
    assert!(world.incident(1).is_ringing());
    world.pass(1);
    assert!(!world.incident(1).is_ringing());
    assert_eq!(world.pages().len(), 1);
    world.pass(60);
    assert!(world.incident(1).is_ringing());
}

#[test]
fn nobody_is_paged_at_the_instant_a_window_begins_and_not_between_two() {
    let mut world = World::new();
    world.trigger("disk");
    let page = world.state.deliveries().next().expect("one").id.to_string();
    world.attempt(&page, done());
    // bob's step is due at the very instant at which the silence begins; the window takes over when it ends.
    let (at, minutes) = (world.now + SignedDuration::from_mins(5), SignedDuration::from_mins(10));
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", at, 10)));
    world.plan(window("m1", "shop", at + minutes, 10));
    world.pass(24);
    assert_eq!(world.pages(), ["alice via email"]);
    assert_eq!(world.holders(), ["silence s1", "maintenance window m1"]);
    world.pass(1);
    assert_eq!(world.pages().len(), 2, "and not forgotten");
    assert_eq!(world.holders().last().map(String::as_str), Some("not maintenance window m1"));
}

#[test]
fn a_held_alert_is_handed_over_without_a_page_in_between() {
    let mut world = World::new();
    let at = world.now;
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", at, 10)));
    world.act(
        "alice",
        Action::PutSilence(silence("s2", "source=~web.*", at + SignedDuration::from_mins(9), 10)),
    );
    world.trigger("disk");
    world.pass(18);
    assert_eq!(world.pages(), Vec::<String>::new());
    world.pass(1);
    assert_eq!(world.pages(), ["alice via email"]);
}

#[test]
fn a_merged_incident_goes_on_when_the_first_of_its_parts_may_be_heard() {
    let mut world = World::new();
    world.trigger("disk");
    world.trigger("cpu");
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", world.now, 60)));
    world.act("alice", Action::PutSilence(silence("s2", "key=cpu", world.now, 30)));
    world.act("alice", Action::Merge { into: FIRST, incidents: vec![IncidentId(2)] });
    world.pass(29);
    assert!(!world.incident(1).is_ringing());
    world.pass(1);
    assert!(world.incident(1).is_ringing(), "cpu is quiet no longer");
}

#[test]
fn a_part_that_is_split_off_waits_for_its_own_silence() {
    let mut world = World::new();
    let grouped = |judged: &mut JudgedEvent| judged.decision.group_key = Some("g".to_owned());
    let event = |world: &mut World, key| world.event(key, EventKind::Trigger, grouped);
    event(&mut world, "disk");
    event(&mut world, "cpu");
    world.act("alice", Action::PutSilence(silence("s1", "key=cpu", world.now, 30)));
    let cpu = AlertId { integration: "nagios".into(), dedup_key: "cpu".into() };
    world.act("alice", Action::Split { incident: FIRST, alerts: vec![cpu] });
    assert!(world.incident(1).is_ringing() && !world.incident(2).is_ringing());
    assert_eq!(world.incident(2).escalation.paused_by[0].by.to_string(), "silence s1");
    world.pass(30);
    assert!(world.incident(2).is_ringing());
}

#[test]
fn a_weekly_silence_comes_again_and_again() {
    let mut world = World::new();
    // 2026-03-02T09:00Z is Monday, 18:00 in Tokyo.
    let mut silence = silence("s1", "key=disk", world.now, 8 * 24 * 60);
    silence.time.weekly = Some(weekly(&["mon"], "20:00", "02:00"));
    world.act("alice", Action::PutSilence(silence));
    world.pass(119);
    assert_eq!(world.trigger("disk"), Fate::Opened(FIRST));
    world.act("alice", Action::Resolve(FIRST));
    world.pass(1);
    assert!(matches!(world.trigger("disk"), Fate::Suppressed { .. }));
    world.pass(6 * 60);
    assert!(world.incident(2).is_ringing(), "it still fires on Tuesday at 02:00");
    world.resolve("disk");
    world.pass(6 * 24 * 60 + 18 * 60);
    assert!(matches!(world.trigger("disk"), Fate::Suppressed { .. }), "next Monday");
    world.pass(24 * 60);
    assert_eq!(world.incident(3).alerts[0].dedup_key.as_str(), "disk", "its span ends meanwhile");
}

#[test]
fn an_edit_keeps_who_made_it_and_says_who_changed_what() {
    let mut world = World::new();
    world.trigger("disk");
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", world.now, 60)));
    assert!(!world.incident(1).is_ringing());
    let mut other = silence("s1", "key=cpu", world.now, 90);
    other.created_by = "bob".to_owned();
    world.act("bob", Action::PutSilence(other));
    assert!(world.incident(1).is_ringing(), "it is about something else now");
    let kept = world.state.quiet().silence(&"s1".into()).expect("kept").clone();
    assert_eq!(kept.created_by, "alice");
    let edit = Edit { at: world.now, by: "bob".to_owned(), what: "end, matchers".to_owned() };
    assert_eq!(kept.history, [edit]);
    world.act("bob", Action::PutSilence(silence("s1", "key=disk", world.now, 90)));
    assert!(!world.incident(1).is_ringing(), "and back");
}

#[test]
fn what_lasts_too_long_never_holds_or_is_about_nothing_is_refused() {
    let mut world = World::new();
    let day = 24 * 60;
    let long = silence("s1", "key=disk", world.now, 31 * day);
    let why = world.invalid(Action::PutSilence(long.clone()));
    assert!(
        why.contains("at most 30d") && why.contains("`[silence] max`") && why.contains("got 31d"),
        "{why}"
    );
    let now = world.now;
    let recurring = |days: &[&str], to: &str, lasting: i64| {
        let mut silence = silence("s1", "key=disk", now, lasting);
        silence.time.weekly = Some(weekly(days, "02:00", to));
        Action::PutSilence(silence)
    };
    let every = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    for (action, expected) in [
        (recurring(&["mon"], "04:00", 367 * day), "`[silence] recurring_max`"),
        (recurring(&every, "02:00", 31 * day), "`[silence] max`"),
        (recurring(&["sun"], "04:00", day), "none of them comes before"),
        (
            Action::PutMaintenanceWindow(window("m1", "nowhere", world.now, 5)),
            "no service `nowhere`",
        ),
        (Action::PutMaintenanceWindow(window("m1", "nightbell", world.now, 5)), "never hidden"),
        (
            Action::PutMaintenanceWindow(MaintenanceWindow {
                services: Vec::new(),
                ..window("m1", "shop", world.now, 5)
            }),
            "expected 1 to 100",
        ),
        (
            Action::PutMaintenanceWindow(window("m1", "shop", world.now, 31 * day)),
            "`[maintenance_window] max`",
        ),
    ] {
        let why = world.invalid(action);
        assert!(why.contains(expected), "expected `{expected}`, got {why}");
    }
    world.directory.quiet.silence.max = SignedDuration::from_hours(24 * 40);
    assert_eq!(
        world.act("bob", Action::PutSilence(long)),
        Reply::Done,
        "the present configuration counts"
    );
    assert_eq!(world.act("bob", recurring(&["mon", "sun"], "02:00", 300 * day)), Reply::Done);
}

#[test]
fn a_storm_that_is_silenced_is_gone_through_in_parts() {
    let mut world = World::new();
    for count in 0..1_200 {
        let judged = world.judged(&format!("k{count}"), EventKind::Trigger);
        world.decide_unchecked(&Input::Event(Box::new(judged)));
    }
    let ask = |action| Input::Action { by: Actor::Admin("ci".to_owned()), via: None, action };
    let put = ask(Action::PutSilence(silence("s1", "source=web1", world.now, 60)));
    let changes = world.decide_unchecked(&put);
    assert!(changes < 1_100, "{changes} changes");
    world.decide_all_due();
    assert!(world.state.incidents().all(|incident| !incident.is_ringing()));
    assert_eq!(world.state.deliveries().count(), 0);
    assert_eq!(invariant::violations(&world.state), Vec::<String>::new());
    world.decide_unchecked(&ask(Action::ExpireSilence("s1".into())));
    world.decide_all_due();
    assert!(world.state.incidents().all(|incident| incident.is_ringing()));
    assert_eq!(invariant::violations(&world.state), Vec::<String>::new());
}

#[test]
fn a_dry_run_says_which_alerts_and_incidents_it_would_touch() {
    let mut world = World::new();
    let grouped = |judged: &mut JudgedEvent| judged.decision.group_key = Some("g".to_owned());
    world.event("a", EventKind::Trigger, grouped);
    world.event("b", EventKind::Trigger, grouped);
    world.trigger("c");
    let muted = |world: &World, matcher: &str| {
        let planned = Quiet::Silence(Arc::new(silence("s1", matcher, world.now, 60)));
        let found = crate::filter::muted(&world.state, &planned, world.now);
        let ids =
            |incidents: &[Arc<Incident>]| incidents.iter().map(|i| i.id.0).collect::<Vec<_>>();
        (found.alerts.len(), ids(&found.pausing), ids(&found.going_on))
    };
    assert_eq!(muted(&world, "key=a"), (1, vec![], vec![1]), "b goes on ringing");
    assert_eq!(muted(&world, "key=~a|b|c"), (3, vec![1, 2], vec![]));
    assert_eq!(muted(&world, "key=x"), (0, vec![], vec![]));
    world.act("alice", Action::PutSilence(silence("s2", "key=b", world.now, 60)));
    assert_eq!(muted(&world, "key=a"), (1, vec![1], vec![]), "with what is quiet already");
    world.act("alice", Action::Acknowledge(FIRST));
    assert_eq!(muted(&world, "key=a"), (1, vec![], vec![1]), "somebody has it");
}
