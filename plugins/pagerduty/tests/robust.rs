//! No payload makes this parser panic, and each gets an answer in PagerDuty's dialect.

#[path = "../../generic/tests/mutation/mod.rs"]
mod mutation;

use nightbell_plugin::NoSettings;
use nightbell_plugin_pagerduty::PagerDuty;

const V2: &str = r#"{"routing_key":"***","event_action":"trigger","dedup_key":"d1","payload":{"summary":"Disk full","source":"db1","severity":"critical","timestamp":"2026-01-05T08:59:00Z","component":"disk","custom_details":{"free":"1%"}},"images":[{"src":"https://img.example.org/1.png","href":"https://example.org","alt":"a"}],"links":[{"href":"https://example.org","text":"t"}],"client":"c","client_url":"https://c.example.org"}"#;
const V1: &str = r#"{"service_key":"***","event_type":"trigger","incident_key":"k","description":"Disk full","details":{"a":1},"contexts":[{"type":"link","href":"https://example.org","text":"t"},{"type":"image","src":"https://img.example.org/1.png"}]}"#;

#[test]
fn no_payload_panics() {
    let paths = ["/v2/enqueue", "/v2/change/enqueue", "/generic/2010-04-15/create_event.json", "/"];
    mutation::check::<PagerDuty>(&NoSettings::default, &paths, &[V2, V1]);
}
