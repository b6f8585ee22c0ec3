//! The bindings of the contract, made from the WIT: wire types only, never seen outside `plugin` (I10).
//!
//! One union world, so that all kinds share one set of types. Which interfaces a plugin may import is decided by
//! what [`super::link`] puts into its linker, not here.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "generated: the WIT's own comments are the documentation"
)]
#![allow(clippy::all, reason = "generated")]

wasmtime::component::bindgen!({
    path: "../plugin-sdk/wit",
    world: "host",
    imports: {
        "nightbell:plugin/http.send": async | trappable,
        "nightbell:plugin/mail.send": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    require_store_data_send: true,
});

pub use self::exports::nightbell::plugin as ex;
pub use self::nightbell::plugin as im;
