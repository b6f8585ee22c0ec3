use super::*;
use crate::store::journal::Record;
use crate::store::{Arrival, Commit, Parsing, sample};
use nightbell_core::model::{EventId, EventKind, Fate, Severity};

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
                r#""thread":"<a@b>"}}}},{{"plugin_state":{{"plugin":"dedupe","key":"k","#,
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
