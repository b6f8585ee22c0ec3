//! The bindings that `wit-bindgen` makes of the contract: one set of types, shared by the worlds of all kinds.
//! Never used by plugins directly; the crate's root gives the types their names.
//!
//! The world `imports` is generated once. The other worlds map its interfaces, so that an `Event` is the
//! same type everywhere, and each world's export section appears only where its `export!` is called: in the plugin.

#![allow(unsafe_code, reason = "generated: lifting and lowering are raw memory work")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "generated: the contract's own comments are the documentation"
)]
#![allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]

pub mod imports {
    wit_bindgen::generate!({
        path: "wit",
        world: "imports",
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq],
        with: {
            "nightbell:plugin/types@1.0.0/event-kind": crate::packed::EventKind,
            "nightbell:plugin/types@1.0.0/severity": crate::packed::Severity,
        },
    });
}

pub mod parser {
    wit_bindgen::generate!({
        path: "wit",
        world: "parser",
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        export_macro_name: "export_parser",
        default_bindings_module: "::nightbell_plugin::wire::parser",
        with: {
            "nightbell:plugin/types@1.0.0/event-kind": crate::packed::EventKind,
            "nightbell:plugin/types@1.0.0/severity": crate::packed::Severity,
            "nightbell:plugin/types@1.0.0": crate::wire::imports::nightbell::plugin::types,
            "nightbell:plugin/log@1.0.0": crate::wire::imports::nightbell::plugin::log,
            "nightbell:plugin/config@1.0.0": crate::wire::imports::nightbell::plugin::config,
            "nightbell:plugin/parsing@1.0.0/header": crate::wire::imports::nightbell::plugin::http::Header,
        },
    });
}

pub mod filter {
    wit_bindgen::generate!({
        path: "wit",
        world: "filter",
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        export_macro_name: "export_filter",
        default_bindings_module: "::nightbell_plugin::wire::filter",
        with: {
            "nightbell:plugin/types@1.0.0/severity": crate::packed::Severity,
            "nightbell:plugin/types@1.0.0": crate::wire::imports::nightbell::plugin::types,
            "nightbell:plugin/log@1.0.0": crate::wire::imports::nightbell::plugin::log,
            "nightbell:plugin/config@1.0.0": crate::wire::imports::nightbell::plugin::config,
            "nightbell:plugin/state@1.0.0": crate::wire::imports::nightbell::plugin::state,
        },
    });
}

pub mod router {
    wit_bindgen::generate!({
        path: "wit",
        world: "router",
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        export_macro_name: "export_router",
        default_bindings_module: "::nightbell_plugin::wire::router",
        with: {
            "nightbell:plugin/types@1.0.0": crate::wire::imports::nightbell::plugin::types,
            "nightbell:plugin/log@1.0.0": crate::wire::imports::nightbell::plugin::log,
            "nightbell:plugin/config@1.0.0": crate::wire::imports::nightbell::plugin::config,
            "nightbell:plugin/state@1.0.0": crate::wire::imports::nightbell::plugin::state,
        },
    });
}

pub mod channel {
    wit_bindgen::generate!({
        path: "wit",
        world: "channel",
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        export_macro_name: "export_channel",
        default_bindings_module: "::nightbell_plugin::wire::channel",
        with: {
            "nightbell:plugin/types@1.0.0/event-kind": crate::packed::EventKind,
            "nightbell:plugin/types@1.0.0/severity": crate::packed::Severity,
            "nightbell:plugin/types@1.0.0": crate::wire::imports::nightbell::plugin::types,
            "nightbell:plugin/log@1.0.0": crate::wire::imports::nightbell::plugin::log,
            "nightbell:plugin/config@1.0.0": crate::wire::imports::nightbell::plugin::config,
            "nightbell:plugin/state@1.0.0": crate::wire::imports::nightbell::plugin::state,
            "nightbell:plugin/http@1.0.0": crate::wire::imports::nightbell::plugin::http,
            "nightbell:plugin/mail@1.0.0": crate::wire::imports::nightbell::plugin::mail,
            "nightbell:plugin/secret@1.0.0": crate::wire::imports::nightbell::plugin::secret,
            "nightbell:plugin/delivery@1.0.0/header": crate::wire::imports::nightbell::plugin::http::Header,
        },
    });
}
