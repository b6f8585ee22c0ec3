use super::*;
use crate::store::journal::Record;
use crate::store::{Arrival, Commit, Parsing, sample};
use nightbell_core::model::{
    Actor, Change, Delivery, DeliveryStatus, Escalation, EventId, EventKind, Fate, Incident,
    IncidentId, Life, Severity, Thread, TimelineEntry, TimelineKind,
};
use std::sync::Arc;

fn record(draft: crate::store::journal::Draft, lsn: u64) -> Record {
    Record {
        lsn,
        span: draft.span,
        kind: draft.kind,
        version: draft.version,
        payload: draft.payload,
    }
}

/// What the store gives back: the same, with the events numbered.
fn check_arrival(arrival: Arrival) {
    let back = decode_arrival(&record(draft_of_arrival(&arrival), 40)).expect("it reads back");
    let mut expected = arrival;
    for (event, id) in expected.events.iter_mut().zip(40..) {
        event.id = EventId(id);
    }
    assert_eq!(back, expected);
}

#[test]
fn i10_every_arrival_reads_back_as_it_was() {
    check_arrival(sample::arrival(&["cpu", "disk"]));
    check_arrival(sample::refused());
    check_arrival(Arrival { parser: None, body: bytes::Bytes::new(), ..sample::arrival(&[]) });
    let failed = Parsing::Failed { message: "trap".to_owned() };
    check_arrival(Arrival { parsing: failed, ..sample::arrival(&["raw:nagios"]) });
    let rejected = Parsing::Parsed { rejected: vec!["alert 2 has no labels".to_owned()] };
    let mut arrival = Arrival { parsing: rejected, ..sample::arrival(&["a", "b", "c", "d", "e"]) };
    let kinds = [EventKind::Trigger, EventKind::Acknowledge, EventKind::Resolve, EventKind::Change];
    let severities =
        [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info, Severity::Unknown];
    for (event, (kind, severity)) in
        arrival.events.iter_mut().zip(kinds.into_iter().cycle().zip(severities))
    {
        (event.kind, event.severity) = (kind, severity);
        (event.starts_at, event.expires_at) = (None, Some(sample::at(9)));
    }
    check_arrival(arrival);
}

#[test]
fn i10_every_change_fate_input_and_timeline_entry_reads_back_as_it_was() {
    let outcomes = sample::fates().into_iter().zip(1..);
    let commit = Commit {
        inputs: sample::inputs(),
        outcomes: outcomes.map(|(fate, id)| sample::outcome(EventId(id), fate)).collect(),
        timeline: sample::timeline(1),
        ..sample::commit(11, sample::changes())
    };
    let back = decode_commit(&record(draft_of_commit(&commit), 1)).expect("it reads back");
    assert_eq!(back, commit);
}

#[test]
fn i10_the_text_of_a_record_is_frozen() {
    let commit = Commit {
        outcomes: vec![sample::outcome(
            EventId(4),
            Fate::Opened(nightbell_core::model::IncidentId(1)),
        )],
        ..sample::commit(4, vec![sample::thread(1, "a"), sample::plugin_state("k", Some(b"v"))])
    };
    let text = String::from_utf8(to_json(&commit)).expect("JSON is UTF-8");
    let sha = "ab".repeat(32);
    assert_eq!(
        text,
        format!(
            concat!(
                r#"{{"now":"2026-09-21T14:13:21Z","inputs":[],"cursor":4,"#,
                r#""outcomes":[{{"event":4,"fate":{{"opened":{{"incident":1}}}},"stages":["#,
                r#"{{"stage":"filter","plugin":{{"name":"mute","sha256":"{sha}"}},"#,
                r#""verdict":"keep","batch_us":12,"batch_len":64}},"#,
                r#"{{"stage":"route","plugin":{{"name":"by-label","sha256":"{sha}"}},"#,
                r#""verdict":"service shop","batch_us":1,"batch_len":1}}],"#,
                r#""remarks":["no service `x`"]}}],"#,
                r#""changes":[{{"thread":{{"incident":1,"channel":"email","address":"a","#,
                r#""thread":"<a@b>","page":{{"person":"alice","method":"m1","reason":{{"step":"#,
                r#"{{"step":0,"target":{{"person":{{"id":"alice"}}}}}}}}}}}}}},{{"plugin_state":{{"plugin":"dedupe","key":"k","#,
                r#""value":["dg==","2026-09-21T14:13:30Z"]}}}}],"timeline":[]}}"#
            ),
            sha = sha
        )
    );
}

#[test]
fn i10_an_unknown_version_is_refused_by_name() {
    let mut record = record(draft_of_commit(&sample::commit(1, Vec::new())), 1);
    record.version = 9;
    let error = decode_commit(&record).expect_err("version 9 is not known").to_string();
    assert!(error.contains("version 9"), "{error}");
}

#[test]
fn a_payload_whose_parts_do_not_add_up_is_refused() {
    let good = record(draft_of_arrival(&sample::arrival(&["cpu"])), 1);
    for length in 0..good.payload.len() - sample::arrival(&[]).body.len() {
        let cut = Record { payload: good.payload.slice(..length), ..good.clone() };
        assert!(decode_arrival(&cut).is_err(), "{length} bytes");
    }
}

/// A commit as it was written before status updates: deliveries have no purpose, threads no page, and whether somebody was
/// reached is a flag.
const VERSION_1: &str = concat!(
    r#"{"now":"2026-09-21T14:13:21Z","inputs":[],"cursor":4,"outcomes":[],"changes":[{"incident":{"incident":{"#,
    r#""id":1,"title":"incident 1","service":"shop","urgency":"low","priority":null,"status":"triggered","#,
    r#""snoozed_until":null,"group_key":"group 1","alerts":[{"integration":"nagios","dedup_key":"cpu"}],"#,
    r#""opened_by":1,"created_at":"2026-09-21T14:13:20Z","acknowledged_by":null,"acknowledged_at":null,"#,
    r#""resolved_at":null,"closing":null,"assigned_to":["alice"],"policy":{"id":"shop","steps":[{"targets":["#,
    r#"{"schedule":{"id":"primary"}},{"person":{"id":"bob"}}],"delay":"PT5M"}],"repeat":2},"plugins":[{"name":"#,
    r#""mute","sha256":"abababababababababababababababababababababababababababababababab"}],"escalation":{"#,
    r#""start":1,"phase":{"steps":{"pass":1,"step":0}},"paged_in_pass":true,"reached":true,"#,
    r#""paused_with":"PT1.5S"},"paged":["alice","bob"],"timeline_len":2,"version":7}}},{"delivery":{"delivery":{"#,
    r#""id":"d2","incident":1,"person":"alice","method":"m1","channel":"email","address":"alice@example.org","#,
    r#""urgency":"high","reason":{"step":{"step":0,"target":{"schedule":{"id":"primary"}}}},"start":1,"#,
    r#""phase":"assigned","created_at":"2026-09-21T14:13:21Z","attempts":1,"first_attempt_at":"#,
    r#""2026-09-21T14:13:22Z","last_error":"timeout","tried":["m0"],"status":{"delivered":{"#,
    r#""at":"2026-09-21T14:13:24Z","receipt":"r"}}}}},{"thread":{"incident":1,"channel":"email","address":"a","#,
    r#""thread":"<a@b>"}}],"timeline":[{"incident":1,"seq":0,"at":"2026-09-21T14:13:21Z","actor":"engine","#,
    r#""kind":{"delivered":{"delivery":"d1","person":"bob","channel":"email"}}}]}"#
);

#[test]
fn i10_a_commit_of_version_1_is_still_read() {
    let mut payload = (VERSION_1.len() as u32).to_le_bytes().to_vec();
    payload.extend_from_slice(VERSION_1.as_bytes());
    let old = Record { lsn: 9, span: 1, kind: COMMIT, version: 1, payload: payload.into() };
    let commit = decode_commit(&old).expect("version 1 is known");
    let incident = Incident {
        escalation: Escalation {
            reached: 1,
            paused_by: Vec::new(),
            ..sample::incident(1).escalation
        },
        told: Vec::new(),
        answered_by: Vec::new(),
        settled: Vec::new(),
        answers_refused: 0,
        life: Life::default(),
        subscribers: Vec::new(),
        ..sample::incident(1)
    };
    let status = DeliveryStatus::Delivered {
        at: sample::at(4),
        receipt: Some("r".to_owned()),
        arrived: false,
    };
    let thread = Thread {
        incident: IncidentId(1),
        channel: "email".to_owned(),
        address: "a".to_owned(),
        thread: "<a@b>".to_owned(),
        page: None,
    };
    let changes = vec![
        Change::Incident(Arc::new(incident)),
        Change::Delivery(Arc::new(Delivery { status, ..sample::delivery("d2", 1) })),
        Change::Thread(Arc::new(thread)),
    ];
    let kind = TimelineKind::Delivered {
        delivery: "d1".into(),
        person: "bob".into(),
        channel: "email".to_owned(),
        problems: Vec::new(),
    };
    let entry = TimelineEntry {
        incident: IncidentId(1),
        seq: 0,
        at: sample::at(1),
        actor: Actor::Engine,
        via: None,
        kind,
    };
    let expected = Commit { timeline: vec![entry], ..sample::commit(4, changes) };
    assert_eq!(commit, expected);
}

#[test]
fn i10_an_arrival_is_still_of_version_1() {
    let mut record = record(draft_of_arrival(&sample::arrival(&["cpu"])), 1);
    assert_eq!(record.version, 1);
    record.version = COMMIT_VERSION;
    assert!(decode_arrival(&record).is_err(), "no such version of it is known");
}
