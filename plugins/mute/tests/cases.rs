//! The cases of this plugin, run natively.

#[test]
fn cases() {
    nightbell_plugin::testing::filter_cases::<nightbell_plugin_mute::Mute>("tests/cases");
}
