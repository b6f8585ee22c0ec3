//! The cases of this plugin, run natively.

#[test]
fn cases() {
    nightbell_plugin::testing::router_cases::<nightbell_plugin_by_label::ByLabel>("tests/cases");
}
