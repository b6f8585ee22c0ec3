//! No payload makes this parser panic.

#[path = "../../generic/tests/mutation/mod.rs"]
mod mutation;

use nightbell_plugin_prometheus::{Prometheus, Settings};

const POSTED: &str = r#"[{"labels":{"alertname":"DiskFull","severity":"page","instance":"db1:9100"},"annotations":{"summary":"Disk of db1","runbook_url":"https://runbooks.example.org/disk"},"startsAt":"2026-01-05T08:58:00.123Z","endsAt":"2026-01-05T09:04:00Z","generatorURL":"http://prometheus.example.org/graph"}]"#;
const WEBHOOK: &str = r#"{"version":"4","status":"firing","truncatedAlerts":1,"alerts":[{"status":"resolved","labels":{"alertname":"Up"},"annotations":{},"startsAt":"2026-01-05T08:00:00Z","endsAt":"0001-01-01T00:00:00Z","imageURL":"https://img.example.org/1.png"}]}"#;

#[test]
fn no_payload_panics() {
    let paths = ["/api/v2/alerts", "/"];
    mutation::check::<Prometheus>(&Settings::default, &paths, &[POSTED, WEBHOOK]);
}
