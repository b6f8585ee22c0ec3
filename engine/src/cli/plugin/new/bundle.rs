//! What this binary carries for new projects: templates, the SDKs' sources, and the workspace's versions. Put here by
//! the build script.

use super::super::project::Language;

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// The templates: path below `templates/plugin`, and text.
pub(super) fn templates() -> &'static [(&'static str, &'static str)] {
    TEMPLATES
}

/// The Rust SDK: path below `plugin-sdk`, and text.
pub(super) fn rust_sdk() -> &'static [(&'static str, &'static str)] {
    RUST_SDK
}

/// The workspace's `Cargo.toml`.
pub(super) fn workspace_manifest() -> &'static str {
    WORKSPACE_MANIFEST
}

/// The workspace's `Cargo.lock`.
pub(super) fn workspace_lock() -> &'static str {
    WORKSPACE_LOCK
}

/// Whether there is an SDK for a language in this binary.
pub(super) fn has_sdk(language: Language) -> bool {
    match language {
        Language::Rust => !RUST_SDK.is_empty(),
        Language::JavaScript => !JAVASCRIPT_SDK.is_empty(),
        Language::Python => !PYTHON_SDK.is_empty(),
    }
}

/// A copy of the SDK, in the project's `sdk`. As it is: for languages whose packages need nothing of the workspace.
pub(super) fn sdk_of(language: Language) -> Vec<(String, String)> {
    let files = match language {
        Language::Rust => RUST_SDK,
        Language::JavaScript => JAVASCRIPT_SDK,
        Language::Python => PYTHON_SDK,
    };
    let wanted = files.iter().filter(|(path, _)| !path.starts_with("templates/"));
    wanted.map(|(path, text)| (format!("sdk/{path}"), (*text).to_owned())).collect()
}
