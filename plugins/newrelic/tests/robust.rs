//! No payload makes this parser panic.

#[path = "../../generic/tests/mutation/mod.rs"]
mod mutation;

use nightbell_plugin::NoSettings;
use nightbell_plugin_newrelic::NewRelic;

const ISSUE: &str = r#"{"id":"i1","issueUrl":"https://one.example.org/i1","title":"CPU > 90","priority":"CRITICAL","impactedEntities":["web-1",{"name":"web-2"}],"state":"ACTIVATED","createdAt":1767603600000,"alertPolicyNames":["shop"],"alertConditionNames":["cpu"]}"#;
const VIOLATION: &str = r#"{"incident_id":42,"current_state":"open","condition_name":"cpu","details":"CPU > 90","severity":"WARNING","targets":[{"name":"web-1"}],"timestamp":1767603600000,"incident_url":"https://alerts.example.org/42"}"#;

#[test]
fn no_payload_panics() {
    mutation::check::<NewRelic>(&NoSettings::default, &["/"], &[ISSUE, VIOLATION]);
}
