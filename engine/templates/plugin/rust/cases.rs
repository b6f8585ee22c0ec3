//! The cases of tests/cases, run natively: milliseconds, and a debugger works. `nightbell plugin test` runs the same
//! files through the compiled plugin, in the engine's own host.

#[test]
fn cases() {
    nightbell_plugin::testing::@KIND@_cases::<plugin_@LIB@::Plugin>("tests/cases");
}
