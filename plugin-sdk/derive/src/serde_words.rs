//! What `serde`'s attributes mean for a setting: its name, and whether it may be left out. Words that mean nothing for that
//! are stepped over.

use syn::{Attribute, LitStr, meta::ParseNestedMeta};

/// Attributes of the struct.
#[derive(Default)]
pub(crate) struct Container {
    /// Every field may be left out.
    pub(crate) has_default: bool,
    rename_all: Option<String>,
}

/// Attributes of a field.
#[derive(Default)]
pub(crate) struct Words {
    pub(crate) rename: Option<String>,
    pub(crate) has_default: bool,
    /// It is never read.
    pub(crate) is_skipped: bool,
}

impl Container {
    pub(crate) fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut container = Self::default();
        each(attributes, |word| {
            if word.path.is_ident("default") {
                container.has_default = true;
                skip_value(&word)
            } else if word.path.is_ident("rename_all") {
                container.rename_all = renaming(&word)?;
                Ok(())
            } else {
                skip_value(&word)
            }
        })?;
        Ok(container)
    }

    /// A field's name as `rename_all` makes it.
    pub(crate) fn name(&self, field: &str) -> syn::Result<String> {
        let words = || field.split('_').filter(|word| !word.is_empty());
        let capital = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        Ok(match self.rename_all.as_deref() {
            None | Some("snake_case" | "lowercase") => field.to_owned(),
            Some("kebab-case") => field.replace('_', "-"),
            Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => field.to_ascii_uppercase(),
            Some("SCREAMING-KEBAB-CASE") => field.to_ascii_uppercase().replace('_', "-"),
            Some("PascalCase") => words().map(capital).collect(),
            Some("camelCase") => {
                let first = words().next().unwrap_or_default();
                std::iter::once(first.to_owned()).chain(words().skip(1).map(capital)).collect()
            }
            Some(other) => {
                let message = format!("`rename_all = \"{other}\"` is not known here");
                return Err(syn::Error::new(proc_macro2::Span::call_site(), message));
            }
        })
    }
}

impl Words {
    pub(crate) fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut words = Self::default();
        each(attributes, |word| {
            if word.path.is_ident("flatten") {
                return Err(word.error("settings cannot be flattened: the manifest names each one"));
            }
            if word.path.is_ident("rename") {
                words.rename = renaming(&word)?;
                return Ok(());
            }
            words.has_default |= word.path.is_ident("default");
            words.is_skipped |=
                word.path.is_ident("skip") || word.path.is_ident("skip_deserializing");
            skip_value(&word)
        })?;
        Ok(words)
    }
}

fn each(
    attributes: &[Attribute],
    mut read: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    for attribute in ours {
        attribute.parse_nested_meta(&mut read)?;
    }
    Ok(())
}

/// `= "x"`, or the `deserialize` of `(serialize = "y", deserialize = "x")`.
fn renaming(word: &ParseNestedMeta<'_>) -> syn::Result<Option<String>> {
    if word.input.peek(syn::Token![=]) {
        return Ok(Some(word.value()?.parse::<LitStr>()?.value()));
    }
    let mut name = None;
    word.parse_nested_meta(|inner| {
        let text = inner.value()?.parse::<LitStr>()?.value();
        if inner.path.is_ident("deserialize") {
            name = Some(text);
        }
        Ok(())
    })?;
    Ok(name)
}

/// Steps over `= value` and `(…)`.
fn skip_value(word: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if word.input.peek(syn::Token![=]) {
        word.value()?.parse::<syn::Lit>()?;
    } else if word.input.peek(syn::token::Paren) {
        let inner;
        syn::parenthesized!(inner in word.input);
        inner.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}
