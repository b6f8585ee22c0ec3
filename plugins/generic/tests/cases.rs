//! The cases of this plugin, run natively.

#[test]
fn cases() {
    nightbell_plugin::testing::parser_cases::<nightbell_plugin_generic::Generic>("tests/cases");
}
