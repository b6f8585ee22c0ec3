//! No payload makes this parser panic.

mod mutation;

use nightbell_plugin_generic::{Generic, Settings};

const FLAT: &str = r#"{"title":"Queue is long","status":"firing","severity":"P2","id":7,"host":"mq1","tags":["team:shop","x"],"url":"https://q.example.org/","timestamp":1767603600}"#;
const NESTED: &str = r#"{"env":"prod","checks":[{"check":{"name":"disk","at":"2026-01-05T08:59:00Z"},"state":"BAD","nodes":["a","b"]}]}"#;

#[test]
fn no_payload_panics_without_settings() {
    mutation::check::<Generic>(&Settings::default, &["/"], &[FLAT, "title=a+b&status=ok&host=h"]);
}

#[test]
fn no_payload_panics_with_a_mapping() {
    let settings = r#"{
        "split": "checks", "title": ["check.name"], "kind": "state", "kinds": { "bad": "trigger" },
        "dedup_key": ["check.name", "nodes[0]"], "starts_at": "check.at", "source": "nodes[-1]",
        "labels": { "env": "env" }, "links": { "check": "check.name" }
    }"#;
    let settings =
        || serde_json::from_str::<Settings>(settings).expect("the test's settings are right");
    mutation::check::<Generic>(&settings, &["/"], &[NESTED]);
}
