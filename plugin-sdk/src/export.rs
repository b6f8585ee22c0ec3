//! The component's side of a plugin: what [`export!`](crate::export) stands on.
//! It keeps the one instance of the plugin, takes batches apart and sets the panic hook; it never judges anything.

use std::cell::RefCell;

use crate::packed::{Batch, EventRef};
use crate::{
    Answer, Channel, Decision, Failure, Filter, Notification, ParseError, Parsed, Parser, Payload,
    Receipt, Request, Router, Verdict,
};

/// Makes a type that implements [`Parser`], [`Filter`], [`Router`] or [`Channel`] the plugin of this crate.
///
/// Once per crate, at its root:
/// ```
/// # use nightbell_plugin::*;
/// # struct Quiet;
/// # impl Filter for Quiet {
/// #     type Settings = NoSettings;
/// #     fn new(_: NoSettings) -> Self { Self }
/// #     fn judge(&mut self, _: &EventRef<'_>) -> Verdict { Verdict::Keep }
/// # }
/// nightbell_plugin::export!(filter: Quiet);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export {
    (parser: $plugin:ty) => {
        $crate::__export_plugin!(parser, Parser, $plugin, export_parser, parsing, {
            fn parse(
                payload: $crate::Payload,
            ) -> ::core::result::Result<$crate::Parsed, $crate::ParseError> {
                $crate::export::parse(&PLUGIN, payload)
            }
        });
    };
    (filter: $plugin:ty) => {
        $crate::__export_plugin!(filter, Filter, $plugin, export_filter, judging, {
            fn judge(
                arena: ::std::vec::Vec<u8>,
                index: ::std::vec::Vec<u32>,
            ) -> ::std::vec::Vec<$crate::Verdict> {
                $crate::export::judge(&PLUGIN, &arena, &index)
            }
        });
    };
    (router: $plugin:ty) => {
        $crate::__export_plugin!(router, Router, $plugin, export_router, routing, {
            fn route(
                arena: ::std::vec::Vec<u8>,
                index: ::std::vec::Vec<u32>,
            ) -> ::std::vec::Vec<::core::option::Option<$crate::Decision>> {
                $crate::export::route(&PLUGIN, &arena, &index)
            }
        });
    };
    (channel: $plugin:ty) => {
        $crate::__export_plugin!(channel, Channel, $plugin, export_channel, delivery, {
            fn deliver(
                notification: $crate::Notification,
            ) -> ::core::result::Result<$crate::Receipt, $crate::Failure> {
                $crate::export::deliver(&PLUGIN, notification)
            }
            fn callback(
                request: $crate::Request,
            ) -> ::core::result::Result<$crate::Answer, $crate::Failure> {
                $crate::export::callback(&PLUGIN, request)
            }
            fn validate(
                address: ::std::string::String,
            ) -> ::core::result::Result<::std::string::String, ::std::string::String> {
                $crate::export::validate(&PLUGIN, &address)
            }
        });
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "expected `parser: Type`, `filter: Type`, `router: Type` or `channel: Type`"
        );
    };
}

/// Only a guest has exports; elsewhere the type is merely checked, so that tests link without the component's symbols.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_plugin {
    ($world:ident, $trait:ident, $plugin:ty, $export:ident, $interface:ident, { $($body:item)* }) => {
        const _: fn() = || {
            fn is_a_plugin<T: $crate::$trait>() {}
            is_a_plugin::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            ::std::thread_local! {
                static PLUGIN: $crate::export::Slot<$plugin> = const { $crate::export::Slot::new() };
            }
            struct Guest;
            impl $crate::wire::$world::exports::nightbell::plugin::$interface::Guest for Guest {
                $($body)*
            }
            $crate::wire::$world::$export!(Guest with_types_in $crate::wire::$world);
        };
    };
}

/// Where the one instance of a plugin lives. Filled at the first call.
pub struct Slot<T>(RefCell<Option<T>>);

impl<T> Slot<T> {
    /// Empty.
    #[allow(clippy::new_without_default, reason = "it must be const")]
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    fn run<R>(&self, new: impl FnOnce() -> T, call: impl FnOnce(&mut T) -> R) -> R {
        let mut plugin = self.0.borrow_mut();
        call(plugin.get_or_insert_with(|| {
            #[cfg(target_arch = "wasm32")]
            say_panics();
            new()
        }))
    }
}

type Local<T> = std::thread::LocalKey<Slot<T>>;

/// A guest without WASI has no standard error, so a panic's text goes to the operator's log, with file and line.
#[cfg(target_arch = "wasm32")]
fn say_panics() {
    std::panic::set_hook(Box::new(|panic| {
        crate::log::error(std::fmt::format(format_args!("{panic}")))
    }));
}

pub fn parse<T: Parser>(plugin: &'static Local<T>, payload: Payload) -> Result<Parsed, ParseError> {
    plugin.with(|slot| slot.run(make_parser::<T>, |plugin| plugin.parse(payload)))
}

pub fn judge<T: Filter>(plugin: &'static Local<T>, arena: &[u8], index: &[u32]) -> Vec<Verdict> {
    plugin.with(|slot| {
        slot.run(make_filter::<T>, |plugin| each(arena, index, |event| plugin.judge(event)))
    })
}

pub fn route<T: Router>(
    plugin: &'static Local<T>,
    arena: &[u8],
    index: &[u32],
) -> Vec<Option<Decision>> {
    plugin.with(|slot| {
        slot.run(make_router::<T>, |plugin| each(arena, index, |event| plugin.route(event)))
    })
}

pub fn deliver<T: Channel>(
    plugin: &'static Local<T>,
    notification: Notification,
) -> Result<Receipt, Failure> {
    plugin.with(|slot| slot.run(make_channel::<T>, |plugin| plugin.deliver(notification)))
}

pub fn callback<T: Channel>(
    plugin: &'static Local<T>,
    request: Request,
) -> Result<Answer, Failure> {
    plugin.with(|slot| slot.run(make_channel::<T>, |plugin| plugin.callback(request)))
}

pub fn validate<T: Channel>(plugin: &'static Local<T>, address: &str) -> Result<String, String> {
    plugin.with(|slot| slot.run(make_channel::<T>, |plugin| plugin.validate(address)))
}

pub(crate) fn make_parser<T: Parser>() -> T {
    T::new(crate::settings::read())
}

pub(crate) fn make_filter<T: Filter>() -> T {
    T::new(crate::settings::read())
}

pub(crate) fn make_router<T: Router>() -> T {
    T::new(crate::settings::read())
}

pub(crate) fn make_channel<T: Channel>() -> T {
    T::new(crate::settings::read())
}

/// Answers for every live event of a batch, in order.
pub(crate) fn each<R>(
    arena: &[u8],
    index: &[u32],
    judge: impl FnMut(&EventRef<'_>) -> R,
) -> Vec<R> {
    // Only a wrong host can cause it, so that how exactly it is wrong is not worth its code in every guest.
    let Ok(batch) = Batch::open(arena, index) else { panic!("packed batch: malformed") };
    let mut judge = judge;
    batch.iter().map(|event| judge(&event)).collect()
}
