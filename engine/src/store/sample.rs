//! Values for tests: one of each variant that a store must keep.

mod duty;

use super::{Arrival, Commit, Header, InputRecord, Parsing};
use bytes::Bytes;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{
    Actor, Alert, AlertId, AlertStatus, Amiss, Breakthrough, Change, ChannelPreference, Checks,
    Closing, Code, Conditions, ContactMethod, DedupKey, Delivery, DeliveryId, DeliveryStatus,
    DutySpan, Edit, Escalation, EscalationPolicy, Event, EventId, EventKind, EventOutcome, Fate,
    Feed, FeedOf, Foreseen, HandoffWish, Hours, Image, Incident, IncidentId, IncidentStatus, Label,
    Lane, LaneKind, Language, Life, Link, MaintenanceWindow, MatchOp, Matcher, MethodCheck,
    MethodId, NotPagedReason, Notice, NoticeKind, NotificationRule, Override, Pace, PageReason,
    PagesTo, PersonId, Phase, PluginStamp, Preferences, Priority, Profile, Purpose, QuietHours,
    QuietId, QuietTime, Responder, Ringing, RoundRobin, Severity, Side, Silence, StageTrace, Step,
    StepStrategy, SupportHours, SuppressedBy, Suppression, Swap, SwapStatus, Target, TestOutcome,
    TestPage, Thread, ThreadPage, TimelineEntry, TimelineKind, TimerKey, Token, TokenKind,
    Undeliverable, Urgency, Via, Waiting, Watch, Weekdays, Weekly, Window,
};
use std::sync::Arc;

/// Seconds after a fixed morning.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time of this century")
}

pub(super) fn stamp(name: &str) -> PluginStamp {
    PluginStamp { name: name.into(), sha256: "ab".repeat(32).into() }
}

pub(super) fn event(dedup_key: &str) -> Event {
    Event {
        id: EventId(0),
        integration: "nagios".into(),
        received_at: at(0),
        kind: EventKind::Trigger,
        dedup_key: DedupKey::new(dedup_key),
        title: format!("{dedup_key} is \"hot\" \u{1f525}\n\0"),
        severity: Severity::Critical,
        starts_at: Some(at(-60)),
        expires_at: None,
        source: "web-1".to_owned(),
        links: vec![Link { href: "https://example.org".to_owned(), text: "graph".to_owned() }],
        images: vec![Image {
            src: "https://example.org/a.png".to_owned(),
            href: String::new(),
            alt: "load".to_owned(),
        }],
        labels: [("team".to_owned(), "shop".to_owned())].into(),
        details: r#"{"load":[1,2]}"#.to_owned(),
        attributes: vec![Label { name: "b".to_owned(), value: "1".to_owned() }],
    }
}

/// An arrival of one event per dedup key.
pub(super) fn arrival(dedup_keys: &[&str]) -> Arrival {
    Arrival {
        integration: "nagios".into(),
        received_at: at(0),
        payload_id: "p1".to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: "a=1".to_owned(),
        headers: vec![Header { name: "x-a".to_owned(), value: "1".to_owned() }],
        content_type: "application/json".to_owned(),
        body: Bytes::from_static(b"\0\xff raw"),
        parser: Some(stamp("nagios")),
        parsing: Parsing::Parsed { rejected: Vec::new() },
        events: dedup_keys.iter().map(|key| event(key)).collect(),
    }
}

/// An arrival that its parser refused.
pub(super) fn refused() -> Arrival {
    Arrival { parsing: Parsing::Rejected { message: "no JSON".to_owned() }, ..arrival(&[]) }
}

pub(super) fn commit(cursor: u64, changes: Vec<Change>) -> Commit {
    Commit {
        now: at(1),
        inputs: Vec::new(),
        cursor: EventId(cursor),
        outcomes: Vec::new(),
        changes,
        timeline: Vec::new(),
    }
}

pub(super) fn outcome(event: EventId, fate: Fate) -> EventOutcome {
    EventOutcome {
        event,
        fate,
        stages: vec![
            StageTrace {
                stage: "filter",
                plugin: stamp("mute"),
                verdict: "keep".into(),
                batch_us: 12,
                batch_len: 64,
            },
            StageTrace {
                stage: "route",
                plugin: stamp("by-label"),
                verdict: "service shop".into(),
                batch_us: 1,
                batch_len: 1,
            },
        ],
        remarks: vec!["no service `x`".to_owned()],
    }
}

pub(super) fn policy() -> Arc<EscalationPolicy> {
    let targets = vec![Target::Schedule("primary".into()), Target::Person("bob".into())];
    let steps = vec![Step::new(targets, SignedDuration::from_secs(300))];
    Arc::new(EscalationPolicy::new("shop".into(), steps, 2))
}

/// With all that a policy may have.
fn full_policy() -> Arc<EscalationPolicy> {
    let targets = vec![
        Target::Next("primary".into()),
        Target::Team("shop".into()),
        Target::Room("ops".into()),
    ];
    let windows = vec![Window::parse("mon-fri 22:00-06:00").expect("a window")];
    let time_zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone");
    let conditions = Conditions {
        urgency: Some(Urgency::High),
        priorities: vec![Priority::P1, Priority::P2],
        support_hours: Some(Side::Outside),
        hours: Some(Hours { time_zone, windows }),
        alerts: Some(3),
    };
    let step = Step {
        strategy: StepStrategy::RoundRobin,
        conditions,
        acknowledgements: Some(2),
        ..Step::new(targets, SignedDuration::from_secs(60))
    };
    let hour = SignedDuration::from_hours(1);
    Arc::new(EscalationPolicy {
        acknowledgements: 2,
        acknowledge_timeout: Some(hour),
        resolve_after: Some(hour),
        repage: vec![hour, hour],
        ..EscalationPolicy::new("full".into(), vec![step], 0)
    })
}

/// With all that escalation may keep of an incident.
fn laddered(id: u64) -> Incident {
    let time_zone = jiff::tz::TimeZone::get("Asia/Tokyo").expect("a zone");
    let windows = vec![Window::parse("00:00-24:00").expect("a window")];
    let support_hours = SupportHours {
        hours: Hours { time_zone, windows },
        inside: Urgency::High,
        outside: Urgency::Low,
    };
    let ringing = Ringing { person: "bob".into(), reason: PageReason::Responder };
    Incident {
        policy: full_policy(),
        escalation: Escalation {
            ringing: vec![ringing],
            again: 3,
            repaged: 2,
            places: vec![(0, 7)],
            needed: 2,
            answers: vec!["alice".into()],
            ..incident(id).escalation
        },
        responders: vec![Responder { person: "bob".into(), waiting: true }],
        support_hours: Some(Arc::new(support_hours)),
        touched_at: Some(at(7)),
        closing: Some(Closing::Inactivity),
        ..resolved(id)
    }
}

pub(super) fn alert_id(dedup_key: &str) -> AlertId {
    AlertId { integration: "nagios".into(), dedup_key: DedupKey::new(dedup_key) }
}

pub(super) fn alert(dedup_key: &str, incident: Option<u64>) -> Alert {
    Alert {
        id: alert_id(dedup_key),
        status: AlertStatus::Firing,
        service: "shop".into(),
        policy: Some(policy()),
        group_key: Some("g".to_owned()),
        urgency: Urgency::High,
        priority: Some(Priority::P2),
        title: "hot".to_owned(),
        severity: Severity::Unknown,
        labels: [("team".to_owned(), "shop".to_owned())].into(),
        source: "web-1".to_owned(),
        starts_at: at(0),
        first_event: EventId(1),
        last_event: EventId(2),
        last_seen_at: at(1),
        expires_at: Some(at(100)),
        resolved_at: None,
        trigger_count: 3,
        suppression: Some(Suppression {
            reason: "noise".to_owned(),
            by: SuppressedBy::Filter("mute".into()),
            author: None,
            until: Some(at(9)),
        }),
        incident: incident.map(IncidentId),
        by_support_hours: false,
        closed_by_person: false,
    }
}

pub(super) fn life(id: u64) -> Life {
    let person = "alice".into();
    let (pages, high, sleep_interruptions) = (3, 2, 1);
    let asleep_at = Some(at(3));
    let to = PagesTo { person, first_at: at(2), pages, high, sleep_interruptions, asleep_at };
    Life {
        first_paged_at: Some(at(2)),
        first_acknowledged_at: Some(at(4)),
        first_acknowledged_by: Some(Actor::Person("alice".into())),
        escalated_at: Some(at(3)),
        pages: vec![to],
        reopened: 2,
        reopened_at: Some(at(6)),
        reopen_until: Some(at(60)),
        merged: vec![IncidentId(5)],
        absorbed: vec![("web".into(), format!("group {id}"))],
        split_from: Some(IncidentId(3)),
    }
}

pub(super) fn incident(id: u64) -> Incident {
    Incident {
        id: IncidentId(id),
        title: format!("incident {id}"),
        service: "shop".into(),
        urgency: Urgency::Low,
        priority: None,
        status: IncidentStatus::Triggered,
        snoozed_until: None,
        group_key: Some(format!("group {id}")),
        alerts: vec![alert_id("cpu")],
        opened_by: EventId(1),
        created_at: at(0),
        acknowledged_by: None,
        acknowledged_at: None,
        resolved_at: None,
        closing: None,
        life: life(id),
        subscribers: vec!["carol".into()],
        assigned_to: vec!["alice".into()],
        policy: policy(),
        plugins: vec![stamp("mute")],
        escalation: Escalation {
            start: 1,
            phase: Phase::Steps { pass: 1, step: 0 },
            paged_in_pass: true,
            reached: 2,
            paused_with: Some(SignedDuration::from_millis(1_500)),
            ringing: Vec::new(),
            again: 0,
            repaged: 0,
            places: Vec::new(),
            needed: 1,
            answers: Vec::new(),
            paused_by: holders(),
        },
        paged: vec!["alice".into(), "bob".into()],
        told: vec!["alice".into()],
        answered_by: vec![Actor::Person("alice".into()), Actor::Admin("ci".to_owned())],
        settled: vec![DeliveryId::new("d0")],
        answers_refused: 3,
        responders: Vec::new(),
        support_hours: None,
        touched_at: None,
        timeline_len: 2,
        version: 7,
    }
}

pub(super) fn resolved(id: u64) -> Incident {
    Incident {
        status: IncidentStatus::Resolved,
        resolved_at: Some(at(50)),
        closing: Some(Closing::Person("alice".into())),
        ..incident(id)
    }
}

pub(super) fn delivery(id: &str, incident: u64) -> Delivery {
    Delivery {
        id: DeliveryId::new(id),
        purpose: Purpose::Page,
        incident: IncidentId(incident),
        person: "alice".into(),
        method: "m1".into(),
        channel: "email".to_owned(),
        address: "alice@example.org".to_owned(),
        urgency: Urgency::High,
        reason: PageReason::Step { step: 0, target: Target::Schedule("primary".into()) },
        start: 1,
        phase: Phase::Assigned,
        created_at: at(1),
        attempts: 1,
        first_attempt_at: Some(at(2)),
        last_error: Some("timeout".to_owned()),
        tried: vec![MethodId::new("m0")],
        bundle: None,
        status: DeliveryStatus::Pending { not_before: at(3) },
    }
}

pub(super) fn delivered(id: &str, incident: u64) -> Delivery {
    let status =
        DeliveryStatus::Delivered { at: at(4), receipt: Some("r".to_owned()), arrived: true };
    Delivery { status, ..delivery(id, incident) }
}

pub(super) fn notify(delivery: &str, incident: u64) -> TimerKey {
    let (incident, delivery) = (IncidentId(incident), DeliveryId::new(delivery));
    TimerKey::Notify { incident, delivery }
}

pub(super) fn silence(id: &str) -> Silence {
    let matcher = |name, op, value| Matcher::new(name, op, value).expect("a good matcher");
    Silence {
        id: id.into(),
        matchers: vec![
            matcher("team", MatchOp::Equal, "sh\"op"),
            matcher("host", MatchOp::Regex, "web-.*"),
            matcher("a", MatchOp::NotEqual, ""),
            matcher("b", MatchOp::NotRegex, "x|y"),
        ],
        time: QuietTime { starts_at: at(0), ends_at: at(60), weekly: None },
        created_by: "alice".to_owned(),
        comment: "deploy".to_owned(),
        created_at: at(-1),
        history: Vec::new(),
    }
}

pub(super) fn maintenance_window(id: &str) -> MaintenanceWindow {
    let weekly = Weekly {
        days: Weekdays::parse(["mon", "sun"]).expect("days"),
        from: "22:30".parse().expect("a time"),
        to: "06:00".parse().expect("a time"),
        time_zone: jiff::tz::TimeZone::get("America/St_Johns").expect("a zone"),
    };
    MaintenanceWindow {
        id: id.into(),
        services: vec!["shop".into()],
        integrations: vec!["nagios".into()],
        time: QuietTime { starts_at: at(0), ends_at: at(60), weekly: Some(weekly) },
        created_by: "alice".to_owned(),
        comment: "disks".to_owned(),
        created_at: at(-1),
        history: vec![Edit { at: at(1), by: "bob".to_owned(), what: "end".to_owned() }],
    }
}

fn holders() -> Vec<Suppression> {
    let ids = [QuietId::Silence("s1".into()), QuietId::MaintenanceWindow("m1".into())];
    let holder = |id| Suppression {
        reason: "deploy".to_owned(),
        by: SuppressedBy::Quiet(id),
        author: Some("alice".to_owned()),
        until: Some(at(60)),
    };
    ids.map(holder).into()
}

pub(super) fn schedule_override(id: &str) -> Override {
    Override {
        id: id.into(),
        schedule: "primary".into(),
        person: "bob".into(),
        starts_at: at(0),
        ends_at: at(60),
        created_at: at(-1),
        created_by: "bob".to_owned(),
    }
}

pub(super) fn profile(person: &str) -> Profile {
    let method = ContactMethod {
        id: "m1".into(),
        channel: "webhook".to_owned(),
        address: "https://example.org/x".to_owned(),
        verified: true,
        created_at: at(0),
    };
    let rule = NotificationRule {
        urgency: Urgency::High,
        method: "m1".into(),
        delay: SignedDuration::from_mins(5),
    };
    let quiet = |breakthrough| QuietHours {
        days: [Weekday::Monday, Weekday::Sunday].into_iter().collect(),
        from: jiff::civil::time(22, 30, 0, 0),
        to: jiff::civil::time(7, 0, 0, 0),
        breakthrough,
    };
    let preferences = Preferences {
        language: Some(Language::Japanese),
        quiet_hours: vec![
            quiet(Breakthrough::Nothing),
            quiet(Breakthrough::HighUrgency),
            quiet(Breakthrough::Priority(Priority::P2)),
        ],
        channels: vec![ChannelPreference {
            channel: "slack".to_owned(),
            status_updates: false,
            resolve_notices: true,
        }],
    };
    Profile { person: person.into(), methods: vec![method], rules: vec![rule], preferences }
}

/// Everything that can be known of methods.
pub(super) fn checks(person: &str) -> Checks {
    let of = |method: &str, outcome| MethodCheck {
        method: method.into(),
        address: "https://example.org/x".to_owned(),
        code: Some(Code { salt: [1; 32], proof: [2; 32], expires_at: at(10), wrong: 3 }),
        codes_sent: vec![at(0), at(1)],
        tests_sent: vec![at(2)],
        test: Some(TestPage { delivery: "n1".into(), asked_at: at(2), outcome }),
        undeliverable: Some(Undeliverable { since: at(3), reason: "410".to_owned() }),
    };
    let outcomes = [
        TestOutcome::UnderWay,
        TestOutcome::Delivered { at: at(4) },
        TestOutcome::Failed { at: at(4), reason: "gone".to_owned() },
    ];
    let mut methods: Vec<_> =
        outcomes.into_iter().zip(["m1", "m2", "m3"]).map(|(end, id)| of(id, end)).collect();
    methods.push(MethodCheck::new("m4".into(), "a@example.org".to_owned()));
    Checks { person: person.into(), sent: vec![at(0)], methods }
}

pub(super) fn token(id: &str, kind: TokenKind) -> Token {
    Token {
        id: id.into(),
        kind,
        name: "ci".to_owned(),
        sha256: [0xa5; 32],
        created_at: at(0),
        expires_at: Some(at(1_000)),
    }
}

fn feed(of: FeedOf, made_by: Option<PersonId>) -> TokenKind {
    TokenKind::Feed(Feed { of, made_by })
}

pub(super) fn thread(incident: u64, address: &str) -> Change {
    let page = ThreadPage {
        person: "alice".into(),
        method: "m1".into(),
        reason: PageReason::Step { step: 0, target: Target::Person("alice".into()) },
    };
    Change::Thread(Arc::new(Thread {
        incident: IncidentId(incident),
        channel: "email".to_owned(),
        address: address.to_owned(),
        thread: "<a@b>".to_owned(),
        page: Some(page),
    }))
}

/// As [`delivery`], of a notice.
pub(super) fn notice(id: &str) -> Delivery {
    let (subject, text) = ("Your shift begins".to_owned(), "primary, until Monday".to_owned());
    let purpose = Purpose::Notice(Notice { kind: NoticeKind::Handoff, subject, text });
    Delivery { purpose, reason: PageReason::Notice, ..delivery(id, IncidentId::NONE.0) }
}

/// As [`delivery`], of a status update.
pub(super) fn update(id: &str, incident: u64) -> Delivery {
    let purpose = Purpose::StatusUpdate { update: "resolved by Alice".to_owned() };
    Delivery { purpose, ..delivery(id, incident) }
}

pub(super) fn plugin_state(key: &str, value: Option<&[u8]>) -> Change {
    let value = value.map(|value| (Arc::from(value), Some(at(10))));
    Change::PluginState { plugin: "dedupe".into(), key: key.to_owned(), value }
}

/// A shift of bob's for one of alice's.
pub(super) fn swap(id: &str, status: SwapStatus) -> Change {
    let span =
        |from| DutySpan { schedule: "primary".into(), starts_at: at(from), ends_at: at(from + 60) };
    Change::Swap(Arc::new(Swap {
        id: id.into(),
        from: "bob".into(),
        to: Some("alice".into()),
        gives: span(0),
        in_return: Some(span(600)),
        note: "a wedding".to_owned(),
        expires_at: at(0),
        created_at: at(-1),
        created_by: "bob".to_owned(),
        status,
    }))
}

/// What was told of a schedule.
pub(super) fn watch(schedule: &str) -> Change {
    let foreseen = |amiss, ends_at| Foreseen {
        amiss,
        starts_at: at(100),
        ends_at,
        told_at: at(1),
        reminded: true,
    };
    Change::Watch(Arc::new(Watch {
        schedule: schedule.into(),
        on_call: Some("alice".into()),
        announced: vec![("bob".into(), at(90))],
        foreseen: vec![
            foreseen(Amiss::Gap, None),
            foreseen(Amiss::Uncovered("bob".into()), Some(at(200))),
            foreseen(Amiss::Twice("bob".into(), "web".into()), Some(at(200))),
        ],
    }))
}

/// What a person wishes to hear.
pub(super) fn handoff_wish(person: &str) -> Change {
    let before = Some(SignedDuration::from_mins(30));
    Change::HandoffWish(Arc::new(HandoffWish {
        person: person.into(),
        at_start: true,
        at_end: false,
        before,
    }))
}

pub(super) fn lane(kind: LaneKind) -> Lane {
    Lane { person: "alice".into(), method: "m1".into(), kind }
}

/// A page that shares the message `bundle` with others.
pub(super) fn bundled(id: &str, incident: u64, bundle: &str) -> Delivery {
    let status = DeliveryStatus::Bundled { until: at(60) };
    Delivery { bundle: Some(bundle.into()), status, ..delivery(id, incident) }
}

/// A message of several pages.
pub(super) fn bundle(id: &str) -> Delivery {
    let incidents = vec![IncidentId(1), IncidentId(2)];
    Delivery { purpose: Purpose::Bundle { incidents }, ..delivery(id, 1) }
}

/// Lanes of each kind, and messages that pages share.
fn pace() -> Vec<Change> {
    let kinds = [LaneKind::High, LaneKind::Low, LaneKind::News];
    let waiting = [
        Waiting::Pages { bundle: "b1".into(), count: 1 },
        Waiting::Nothing,
        Waiting::News { count: 2, lines: vec!["#1 hot: resolved by Alice".to_owned()] },
    ];
    let pace = |(kind, waiting)| {
        let (since, until) = (at(0), at(60));
        Change::Pace(Arc::new(Pace { lane: lane(kind), since, until, level: 1, sent: 3, waiting }))
    };
    let mut changes: Vec<Change> = kinds.into_iter().zip(waiting).map(pace).collect();
    let failed = DeliveryStatus::Failed { at: at(4), reason: "gone".to_owned() };
    changes.extend([
        Change::Delivery(Arc::new(bundled("d6", 1, "b1"))),
        Change::Delivery(Arc::new(bundled("d7", 1, "b2"))),
        Change::Delivery(Arc::new(bundle("b3"))),
        Change::BundleEnded(Arc::new(Delivery { status: failed, ..bundle("b2") })),
        Change::ForgetPace(Lane { person: "bob".into(), ..lane(LaneKind::High) }),
        Change::ForgetBundle("b0".into()),
    ]);
    changes
}

/// Every kind of timer.
pub(super) fn timers() -> Vec<TimerKey> {
    vec![
        notify("d1", 1),
        TimerKey::Escalate(IncidentId(1)),
        TimerKey::Snooze(IncidentId(1)),
        TimerKey::Expire(alert_id("cpu")),
        TimerKey::Unsuppress(alert_id("cpu")),
        TimerKey::Silence("s1".into()),
        TimerKey::Forget(alert_id("cpu")),
        TimerKey::Leave(IncidentId(9)),
        TimerKey::Repage(IncidentId(1)),
        TimerKey::AcknowledgeTimeout(IncidentId(1)),
        TimerKey::AutoResolve(IncidentId(1)),
        TimerKey::SupportHours(IncidentId(1)),
        TimerKey::MaintenanceWindow("m1".into()),
        TimerKey::Settle(IncidentId(1)),
        TimerKey::Sweep { of: QuietId::Silence("s1".into()), after: alert_id("cpu") },
        TimerKey::Sweep { of: QuietId::MaintenanceWindow("m1".into()), after: alert_id("cpu") },
        TimerKey::Swap("w1".into()),
        TimerKey::Watch("primary".into()),
        TimerKey::Window(lane(LaneKind::High)),
        TimerKey::PassOn("b1".into()),
    ]
}

/// At least one of every variant of everything a change can hold.
pub(super) fn changes() -> Vec<Change> {
    let mut changes = vec![
        Change::Alert(Arc::new(alert("cpu", Some(1)))),
        Change::Alert(Arc::new(Alert {
            status: AlertStatus::Resolved,
            resolved_at: Some(at(5)),
            policy: None,
            priority: None,
            suppression: None,
            incident: None,
            closed_by_person: true,
            ..alert("disk", None)
        })),
        Change::ForgetAlert(alert_id("old")),
        Change::Incident(Arc::new(incident(1))),
        Change::Incident(Arc::new(Incident {
            status: IncidentStatus::Acknowledged,
            snoozed_until: Some(at(500)),
            priority: Some(Priority::P5),
            group_key: None,
            acknowledged_by: Some("alice".into()),
            acknowledged_at: Some(at(2)),
            escalation: Escalation {
                phase: Phase::Fallback { round: 3 },
                paused_with: None,
                paused_by: Vec::new(),
                ..incident(2).escalation
            },
            ..incident(2)
        })),
        Change::Incident(Arc::new(Incident { closing: Some(Closing::Alerts), ..resolved(3) })),
        Change::Incident(Arc::new(Incident {
            closing: Some(Closing::Admin("ci".to_owned())),
            ..resolved(4)
        })),
        Change::Incident(Arc::new(Incident {
            closing: Some(Closing::Merged(IncidentId(1))),
            ..resolved(6)
        })),
        Change::Incident(Arc::new(laddered(8))),
        Change::RoundRobin(RoundRobin { policy: "shop".into(), step: 1, next: 3 }),
        Change::Delivery(Arc::new(Delivery {
            purpose: Purpose::Post { room: "ops".into() },
            person: PersonId::nobody_in(&"ops".into()),
            reason: PageReason::Step { step: 0, target: Target::Room("ops".into()) },
            ..delivery("d9", 8)
        })),
        Change::Delivery(Arc::new(Delivery {
            purpose: Purpose::Post { room: "ops".into() },
            person: PersonId::nobody_in(&"ops".into()),
            ..bundled("d12", 8, "d13")
        })),
        Change::Delivery(Arc::new(delivery("d1", 1))),
        Change::Delivery(Arc::new(delivered("d2", 1))),
        Change::Delivery(Arc::new(update("u1", 1))),
        Change::PreparedDelivery(Arc::new(Delivery {
            reason: PageReason::Fallback,
            first_attempt_at: None,
            ..delivery("d3", 1)
        })),
        Change::CancelTimer(TimerKey::Escalate(IncidentId(9))),
        Change::Silence(Arc::new(silence("s1"))),
        Change::RemoveSilence("s0".into()),
        Change::Silence(Arc::new(Silence {
            time: maintenance_window("m1").time,
            history: maintenance_window("m1").history,
            ..silence("s3")
        })),
        Change::MaintenanceWindow(Arc::new(maintenance_window("m1"))),
        Change::RemoveMaintenanceWindow("m0".into()),
        Change::Override(Arc::new(schedule_override("o1"))),
        Change::RemoveOverride("o0".into()),
        Change::Profile(Arc::new(profile("alice"))),
        Change::RemoveProfile("carol".into()),
        Change::Token(Arc::new(token("t1", TokenKind::Read))),
        Change::Token(Arc::new(token("t2", TokenKind::Person("alice".into())))),
        Change::Token(Arc::new(token("t3", TokenKind::Admin))),
        Change::Token(Arc::new(token("t4", feed(FeedOf::Schedule("primary".into()), None)))),
        Change::Token(Arc::new(token(
            "t5",
            feed(FeedOf::Person("bob".into()), Some("bob".into())),
        ))),
        Change::RevokeToken("t0".into()),
        thread(1, "alice@example.org"),
        plugin_state("a", Some(b"\0\xff")),
        plugin_state("b", None),
        Change::Checks(Arc::new(checks("alice"))),
        swap("w1", SwapStatus::Offered),
        swap("w2", SwapStatus::Accepted { by: "alice".into(), at: at(2) }),
        swap("w3", SwapStatus::Declined { at: at(2) }),
        swap("w4", SwapStatus::Withdrawn { at: at(2) }),
        swap("w5", SwapStatus::Expired { at: at(2) }),
        Change::ForgetSwap("w0".into()),
        watch("primary"),
        Change::RemoveWatch("old".into()),
        handoff_wish("alice"),
    ];
    changes.extend(duty::changes());
    changes.extend(pace());
    let ends = [
        DeliveryStatus::Failed { at: at(4), reason: "gone".to_owned() },
        DeliveryStatus::Cancelled { at: at(4), reason: "acknowledged".to_owned() },
    ];
    for (status, id) in ends.into_iter().zip(["d4", "d5"]) {
        let reason = PageReason::Assigned;
        changes.push(Change::Delivery(Arc::new(Delivery { status, reason, ..delivery(id, 1) })));
    }
    changes.extend(timers().into_iter().map(|key| Change::SetTimer(key, at(30))));
    changes
}

fn timeline_kinds() -> Vec<TimelineKind> {
    let (alert, event) = (alert_id("cpu"), EventId(1));
    let (person, delivery, channel) = ("alice".into(), DeliveryId::new("d1"), "email".to_owned());
    let reason = "why".to_owned();
    let mut kinds = vec![
        TimelineKind::Opened { alert: alert.clone(), event },
        TimelineKind::AlertJoined { alert: alert.clone(), event, title: "t".to_owned() },
        TimelineKind::AlertResolved { alert: alert.clone(), expired: true },
        TimelineKind::AlertAcknowledged { alert },
        TimelineKind::UrgencyRaised,
        TimelineKind::StepReached { pass: 1, step: 2 },
        TimelineKind::StepSkipped { pass: 1, step: 0 },
        TimelineKind::FallbackReached { round: 1 },
        TimelineKind::Paged {
            person: "bob".into(),
            method: "m1".into(),
            channel: channel.clone(),
            delivery: delivery.clone(),
            reason: PageReason::Fallback,
            delay: SignedDuration::from_secs(60),
        },
        TimelineKind::Delivered {
            delivery: delivery.clone(),
            person: "bob".into(),
            channel: channel.clone(),
            problems: vec!["no image".to_owned()],
        },
        TimelineKind::Arrived {
            delivery: delivery.clone(),
            person: "bob".into(),
            channel: channel.clone(),
        },
        TimelineKind::Updated {
            delivery: delivery.clone(),
            person: "bob".into(),
            channel: channel.clone(),
            update: "acknowledged by Alice".to_owned(),
            problems: vec!["no image".to_owned()],
        },
        TimelineKind::UpdateFailed {
            delivery: delivery.clone(),
            person: "bob".into(),
            channel: channel.clone(),
            update: "acknowledged by Alice".to_owned(),
            reason: reason.clone(),
        },
        TimelineKind::AnswerRefused {
            channel: channel.clone(),
            wanted: "acknowledge".to_owned(),
            reason: reason.clone(),
        },
        TimelineKind::DeliveryFailed {
            delivery,
            person,
            channel,
            reason: reason.clone(),
            retry_at: Some(at(8)),
        },
        TimelineKind::PagesCancelled { count: 2, reason: reason.clone() },
        TimelineKind::Acknowledged,
        TimelineKind::Snoozed { until: at(9) },
        TimelineKind::Retriggered { reason },
        TimelineKind::Reassigned { to: vec!["bob".into()] },
        TimelineKind::EscalatedByHand,
        TimelineKind::Paused,
        TimelineKind::Resumed,
        TimelineKind::Resolved,
        TimelineKind::Note { text: "x".to_owned() },
        TimelineKind::Held {
            person: "alice".into(),
            method: "m1".into(),
            channel: "email".to_owned(),
            delivery: "d1".into(),
            until: at(9),
            reason: "quiet hours".to_owned(),
        },
        TimelineKind::Reopened { alert: alert_id("cpu"), event },
        TimelineKind::MergedInto { into: IncidentId(2) },
        TimelineKind::Merged { from: IncidentId(2), title: "t".to_owned(), alerts: 3 },
        TimelineKind::SplitInto { into: IncidentId(2), alerts: 1 },
        TimelineKind::SplitFrom { from: IncidentId(2), alerts: 1 },
        TimelineKind::PriorityChanged { to: Some(Priority::P1) },
        TimelineKind::PriorityChanged { to: None },
        TimelineKind::Subscribed { person: "bob".into() },
        TimelineKind::Unsubscribed { person: "bob".into() },
        TimelineKind::StatusUpdate { text: "x".to_owned() },
        TimelineKind::StepNotMet { pass: 1, step: 0, reason: "the urgency is low".to_owned() },
        TimelineKind::Posted {
            room: "ops".into(),
            channel: "chat".to_owned(),
            delivery: DeliveryId::new("d9"),
            reason: PageReason::Step { step: 0, target: Target::Room("ops".into()) },
        },
        TimelineKind::AcknowledgedInPart { have: 1, needed: 2 },
        TimelineKind::NobodyElse { have: 1, needed: 2 },
        TimelineKind::Repaged { count: 3 },
        TimelineKind::RespondersAdded { people: vec!["bob".into()] },
        TimelineKind::Responded,
        TimelineKind::AutoResolved { after: SignedDuration::from_hours(2) },
        TimelineKind::UrgencyRaisedByHours,
        TimelineKind::PausedBy { holders: holders() },
        TimelineKind::ResumedAfter { holders: holders() },
        TimelineKind::HeldForBundle {
            delivery: "d1".into(),
            person: "bob".into(),
            channel: "email".to_owned(),
            until: at(60),
            sent: 3,
            since: at(0),
        },
        TimelineKind::DeliveredTogether {
            delivery: "d1".into(),
            person: "bob".into(),
            channel: "email".to_owned(),
            bundle: "b1".into(),
            incidents: 2,
        },
        TimelineKind::NewsDecided {
            person: "bob".into(),
            channel: "email".to_owned(),
            update: "resolved by Alice".to_owned(),
            held_until: Some(at(60)),
        },
        TimelineKind::NewsNotTold {
            person: "bob".into(),
            update: "resolved by Alice".to_owned(),
            reason: "why".to_owned(),
        },
    ];
    let not_paged = [
        NotPagedReason::NobodyOnCall(Target::Schedule("primary".into())),
        NotPagedReason::NoMethod("alice".into()),
        NotPagedReason::NoRule { person: "alice".into(), urgency: Urgency::Low },
        NotPagedReason::UnknownTarget(Target::Person("x".into())),
        NotPagedReason::AlreadyInStep("alice".into()),
        NotPagedReason::HasAnswered("alice".into()),
        NotPagedReason::NotTheirTurn(Target::Team("shop".into())),
    ];
    kinds.extend(not_paged.map(TimelineKind::NotPaged));
    kinds
}

/// Every kind of entry by every kind of actor.
pub(super) fn timeline(incident: u64) -> Vec<TimelineEntry> {
    let actors = [
        Actor::Person("alice".into()),
        Actor::Admin("ci".to_owned()),
        Actor::Monitor("nagios".into()),
        Actor::Engine,
    ];
    let kinds = timeline_kinds().into_iter().zip(actors.into_iter().cycle());
    let doors = [
        None,
        Some(Via::Monitor),
        Some(Via::Link),
        Some(Via::Channel("slack".to_owned())),
        Some(Via::Api),
        Some(Via::Cli),
    ];
    let entries = kinds.zip(0..).map(|((kind, actor), seq)| TimelineEntry {
        incident: IncidentId(incident),
        seq,
        at: at(i64::from(seq)),
        actor,
        via: doors[seq as usize % doors.len()].clone(),
        kind,
    });
    entries.collect()
}

/// Every fate.
pub(super) fn fates() -> Vec<Fate> {
    let (reason, by) = ("noise".to_owned(), "mute".to_owned());
    vec![
        Fate::Opened(IncidentId(1)),
        Fate::Joined(IncidentId(1)),
        Fate::Repeated(Some(IncidentId(1))),
        Fate::Repeated(None),
        Fate::Suppressed {
            reason: reason.clone(),
            by: by.clone(),
            author: Some("alice".to_owned()),
            until: Some(at(60)),
        },
        Fate::Suppressed { reason: reason.clone(), by: by.clone(), author: None, until: None },
        Fate::Dropped { reason, by },
        Fate::ClosedByPerson,
        Fate::Resolved(Some(IncidentId(1))),
        Fate::Resolved(None),
        Fate::Acknowledged(IncidentId(1)),
        Fate::Recorded("a change".to_owned()),
        Fate::Reopened(IncidentId(1)),
    ]
}

/// Every kind of input.
pub(super) fn inputs() -> Vec<InputRecord> {
    vec![
        InputRecord::Events { first: EventId(1), last: EventId(9) },
        InputRecord::Action { by: Actor::Engine, what: "acknowledge 1".to_owned() },
        InputRecord::Attempt { delivery: "d1".to_owned(), result: "delivered".to_owned() },
        InputRecord::Due(TimerKey::Escalate(IncidentId(1))),
        InputRecord::Config { sha256: "00".repeat(32) },
        InputRecord::PluginFailure { plugin: stamp("mute"), message: "trap".to_owned() },
    ]
}
