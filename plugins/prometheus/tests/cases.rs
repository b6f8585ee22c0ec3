//! The cases of this plugin, run natively.

#[test]
fn cases() {
    nightbell_plugin::testing::parser_cases::<nightbell_plugin_prometheus::Prometheus>(
        "tests/cases",
    );
}
