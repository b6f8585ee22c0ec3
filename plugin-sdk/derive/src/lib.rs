//! `#[derive(nightbell_plugin::Settings)]`: the settings that a plugin's type reads, as the manifest says them.
//!
//! It looks at names, types, `serde`'s attributes and doc comments, and leaves a piece of TOML in a custom section of the
//! guest's module. Packing puts it into the manifest. Nothing of it is code: a guest does not grow by it.

mod field;
mod serde_words;
mod toml;

use proc_macro::TokenStream;
use proc_macro2::Span;
use quote::quote;
use syn::{Data, DeriveInput, Fields, LitByteStr, parse_macro_input, spanned::Spanned};

use field::Field;
use serde_words::Container;

/// See the crate `nightbell-plugin`, which gives it to plugins.
#[proc_macro_derive(Settings, attributes(setting, serde))]
pub fn settings(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    section(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn section(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new(input.span(), "settings are a struct with named fields"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new(input.span(), "settings are a struct with named fields"));
    };
    let container = Container::read(&input.attrs)?;
    let mut text = String::new();
    for field in &fields.named {
        if let Some(field) = Field::read(field, &container)? {
            text.push_str(&field.toml());
        }
    }
    let length = text.len();
    let bytes = LitByteStr::new(text.as_bytes(), Span::call_site());
    Ok(quote! {
        // The attribute counts as unsafe because a section can change how a program is linked; this one is read by nobody
        // but the packer.
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "see above")]
        const _: () = {
            #[used]
            #[unsafe(link_section = "nightbell:settings")]
            static SETTINGS: [u8; #length] = *#bytes;
        };
    })
}

#[cfg(test)]
mod tests;
