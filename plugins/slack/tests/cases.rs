//! The cases of this plugin, run natively.

#[test]
fn cases() {
    nightbell_plugin::testing::channel_cases::<nightbell_plugin_slack::Slack>("tests/cases");
}
