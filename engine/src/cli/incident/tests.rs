use super::command::number;
use super::*;
use jiff::tz::TimeZone;

fn look(width: Option<usize>) -> Look {
    let now = "2026-03-02T00:44:00Z".parse().expect("a time");
    let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
    Look { width, color: false, now, zone }
}

fn incident() -> Value {
    json!({
        "id": "12", "number": 12, "title": "Disk full on db1", "status": "acknowledged",
        "snoozed_until": "2026-03-02T01:44:00Z", "urgency": "high", "priority": null, "service": "shop",
        "alerts": [
            {"integration": "nagios", "dedup_key": "db1/disk", "status": "firing", "title": "Disk full on db1"},
            {"integration": "nagios", "dedup_key": "db1/load", "status": "resolved", "title": null},
        ],
        "alert_count": 2, "group_key": null, "acknowledged_by": "alice",
        "acknowledged_at": "2026-03-02T00:43:00Z", "resolved_by": null, "resolved_at": null,
        "created_at": "2026-03-02T00:41:00Z", "assigned_to": [], "paged": ["alice", "bob"],
        "escalation": {"policy": "shop", "phase": "steps", "pass": 1, "step": 2, "round": null, "paused": false},
        "event": "41", "plugins": [],
    })
}

#[test]
fn incidents_are_listed_one_a_line() {
    let answer = json!({"items": [incident(), {"number": 9, "title": "Old server's \u{1b}[5malert", "status": "triggered"}], "next": null});
    insta::assert_snapshot!(table(&answer, &look(None)), @r"
    NUMBER  STATUS     URGENCY  SERVICE  OPENED            WHO    TITLE
    #12     snoozed    high     shop     3 min ago, 09:41  alice  Disk full on db1
    #9      triggered                                             Old server's �[5malert
    ");
}

#[test]
fn on_a_phone_an_incident_is_a_card() {
    let answer = json!({"items": [incident()], "next": null});
    insta::assert_snapshot!(table(&answer, &look(Some(40))), @r"
    #12
      status   snoozed
      urgency  high
      service  shop
      opened   3 min ago, 09:41
      who      alice
      title    Disk full on db1
    ");
}

#[test]
fn one_incident_is_shown_with_all_that_is_known() {
    insta::assert_snapshot!(page(&incident(), &look(None)), @r"
    #12 Disk full on db1
    status        snoozed
    urgency       high
    service       shop
    opened        3 min ago, 09:41
    acknowledged  1 min ago, 09:43
    by            alice
    rings again   in 1 h, 10:44
    paged         alice, bob
    escalation    step 2 of policy shop, pass 1
    alerts        nagios/db1/disk (firing), nagios/db1/load (resolved)
    ");
}

#[test]
fn a_timeline_tells_the_time_to_the_second() {
    let answer = json!({"items": [
        {"seq": 0, "at": "2026-03-01T00:41:02Z", "kind": "opened", "text": "Opened by alert `nagios/db1` (event 41)."},
        {"seq": 1, "at": "2026-03-02T00:41:02Z", "kind": "not-paged", "text": "Bob not paged: no verified contact method."},
    ], "next": null});
    insta::assert_snapshot!(timeline(&answer, &look(None)), @r"
    2026-03-01 09:41:02  Opened by alert `nagios/db1` (event 41).
    2026-03-02 09:41:02  Bob not paged: no verified contact method.
    ");
}

#[test]
fn a_delivery_says_where_it_went_and_why_it_did_not_arrive() {
    let answer = json!({"items": [
        {"id": "a", "purpose": "page", "person": "alice", "channel": "email", "status": "failed", "attempts": 3,
         "reason": "step 1 names them", "error": "connection refused", "created_at": "2026-03-02T00:41:00Z"},
        {"id": "b", "purpose": "page", "person": "bob", "channel": "email", "status": "delivered", "attempts": 1,
         "reason": "step 2 names them", "error": null, "created_at": "2026-03-02T00:42:00Z"},
        {"id": "c", "purpose": "post", "room": "ops", "channel": "webhook", "status": "delivered", "attempts": 1,
         "reason": "step 2 names it", "error": null, "created_at": "2026-03-02T00:42:00Z"},
    ], "next": null});
    insta::assert_snapshot!(deliveries(&answer, &look(None)), @r"
    DECIDED           WHAT  TO        CHANNEL  STATUS     ATTEMPTS  REMARK
    3 min ago, 09:41  page  alice     email    failed     3         connection refused
    2 min ago, 09:42  page  bob       email    delivered  1         step 2 names them
    2 min ago, 09:42  post  room ops  webhook  delivered  1         step 2 names it
    ");
}

#[test]
fn a_number_may_have_its_hash() {
    assert_eq!(number("#12"), Ok(12));
    assert_eq!(number("12"), Ok(12));
    assert!(number("twelve").is_err());
}
