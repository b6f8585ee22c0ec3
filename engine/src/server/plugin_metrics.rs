//! Plugins in Prometheus' text format, written when somebody asks: calls cost nothing for it. As many series as there are
//! plugin files, which are bounded; those of a plugin that is gone are gone.

use crate::plugin::{Kind, PluginState, PluginStatus};
use std::fmt::Write as _;

/// One metric: what it is, and its samples.
struct Metric {
    head: &'static str,
    samples: String,
}

/// All of them, to be appended to the recorder's.
pub(super) fn render(plugins: &[PluginStatus]) -> String {
    let metric = |head| Metric { head, samples: String::new() };
    let mut calls = metric(
        "# HELP nightbell_plugin_calls_total Calls since this version was loaded.\n# TYPE nightbell_plugin_calls_total counter\n",
    );
    let mut failures = metric(
        "# HELP nightbell_plugin_failures_total Events, payloads and attempts it failed on.\n# TYPE nightbell_plugin_failures_total counter\n",
    );
    let mut seconds = metric(
        "# HELP nightbell_plugin_call_seconds How long calls took.\n# TYPE nightbell_plugin_call_seconds summary\n",
    );
    let mut quarantined = metric(
        "# HELP nightbell_plugin_quarantined Whether it is in quarantine.\n# TYPE nightbell_plugin_quarantined gauge\n",
    );
    for plugin in plugins.iter().filter(|plugin| plugin.state.runs()) {
        let (health, times) = (&plugin.health, plugin.health.times);
        let name = escaped(&plugin.name);
        let kind = plugin.kind.map_or("", Kind::name);
        let resting = u8::from(plugin.state == PluginState::Quarantined);
        let seconds_of = |us: u64| us as f64 / 1e6;
        let labels = format!("plugin=\"{name}\",kind=\"{kind}\"");
        calls.add("calls_total", &labels, &plugin.calls.to_string());
        quarantined.add("quarantined", &labels, &resting.to_string());
        for (cause, count) in &health.causes {
            let labels = format!("{labels},cause=\"{cause}\"");
            failures.add("failures_total", &labels, &count.to_string());
        }
        for (quantile, us) in [("0.5", times.p50_us), ("0.99", times.p99_us)] {
            let labels = format!("{labels},quantile=\"{quantile}\"");
            seconds.add("call_seconds", &labels, &seconds_of(us).to_string());
        }
        seconds.add("call_seconds_sum", &labels, &seconds_of(times.total_us).to_string());
        seconds.add("call_seconds_count", &labels, &times.count.to_string());
    }
    let all = [calls, failures, seconds, quarantined].into_iter();
    all.filter(|metric| !metric.samples.is_empty())
        .map(|metric| format!("{}{}", metric.head, metric.samples))
        .collect()
}

impl Metric {
    fn add(&mut self, name: &str, labels: &str, value: &str) {
        // Writing into a text does not fail.
        let _ = writeln!(self.samples, "nightbell_plugin_{name}{{{labels}}} {value}");
    }
}

/// A label's value as the format wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::{CallTimes, Health, Source, TermsStatus};

    fn plugin(name: &str, state: PluginState, health: Health) -> PluginStatus {
        PluginStatus {
            name: name.to_owned(),
            version: String::new(),
            description: String::new(),
            kind: Some(Kind::Filter),
            state,
            source: Source::Directory,
            file: None,
            sha256: String::new(),
            file_sha256: String::new(),
            error: None,
            calls: health.times.count,
            failures: health.causes.values().sum(),
            order: 100,
            health,
            terms: TermsStatus::default(),
        }
    }

    #[test]
    fn plugins_are_shown_with_their_causes_and_times() {
        let times = CallTimes { count: 7, total_us: 70, p50_us: 9, p99_us: 20, longest_us: 21 };
        let causes = [("trap", 3), ("cpu", 2)].into();
        let health = Health { times, causes, ..Health::default() };
        let broken = plugin("a\"b", PluginState::Failed, Health::default());
        let shown = render(&[plugin("judge", PluginState::Quarantined, health), broken]);
        insta::assert_snapshot!(shown, @r#"
        # HELP nightbell_plugin_calls_total Calls since this version was loaded.
        # TYPE nightbell_plugin_calls_total counter
        nightbell_plugin_calls_total{plugin="judge",kind="filter"} 7
        # HELP nightbell_plugin_failures_total Events, payloads and attempts it failed on.
        # TYPE nightbell_plugin_failures_total counter
        nightbell_plugin_failures_total{plugin="judge",kind="filter",cause="cpu"} 2
        nightbell_plugin_failures_total{plugin="judge",kind="filter",cause="trap"} 3
        # HELP nightbell_plugin_call_seconds How long calls took.
        # TYPE nightbell_plugin_call_seconds summary
        nightbell_plugin_call_seconds{plugin="judge",kind="filter",quantile="0.5"} 0.000009
        nightbell_plugin_call_seconds{plugin="judge",kind="filter",quantile="0.99"} 0.00002
        nightbell_plugin_call_seconds_sum{plugin="judge",kind="filter"} 0.00007
        nightbell_plugin_call_seconds_count{plugin="judge",kind="filter"} 7
        # HELP nightbell_plugin_quarantined Whether it is in quarantine.
        # TYPE nightbell_plugin_quarantined gauge
        nightbell_plugin_quarantined{plugin="judge",kind="filter"} 1
        "#);
        assert_eq!(render(&[]), "");
        assert_eq!(escaped("a\"b\\\n"), "a\\\"b\\\\\\n");
    }
}
