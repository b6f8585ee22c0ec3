//! One field as one setting: its name, what it may be, what it is for, and whether it must be set.

use syn::{Attribute, Expr, ExprLit, GenericArgument, Lit, LitStr, Meta, PathArguments, Type};

use crate::serde_words::{Container, Words};
use crate::toml;

/// See the module.
pub(crate) struct Field {
    name: String,
    types: Vec<String>,
    description: String,
    is_required: bool,
    values: Vec<String>,
    /// As TOML.
    default: Option<String>,
}

/// `#[setting(…)]`: what types and comments cannot say.
#[derive(Default)]
struct Own {
    types: Vec<String>,
    values: Vec<String>,
    default: Option<String>,
}

const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "table"];

impl Field {
    /// `None` for a field that serde never reads.
    pub(crate) fn read(field: &syn::Field, container: &Container) -> syn::Result<Option<Self>> {
        let words = Words::read(&field.attrs)?;
        if words.is_skipped {
            return Ok(None);
        }
        let own = Own::read(&field.attrs)?;
        let identifier = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = match words.rename {
            Some(name) => name,
            None => container.name(identifier.trim_start_matches("r#"))?,
        };
        let (inner, is_option) = match argument_of(&field.ty, &["Option"]) {
            Some(inner) => (inner, true),
            None => (&field.ty, false),
        };
        let types = match (own.types, type_of(inner)) {
            (given, _) if !given.is_empty() => given,
            (_, Some(known)) => vec![known.to_owned()],
            (_, None) => {
                let message = "what this is in the operator's file cannot be seen from its type: say it with \
                               `#[setting(type = \"string\")]`, or several types with a comma between";
                return Err(syn::Error::new_spanned(&field.ty, message));
            }
        };
        Ok(Some(Self {
            name,
            types,
            description: description(&field.attrs),
            is_required: !(is_option || words.has_default || container.has_default),
            values: own.values,
            default: own.default,
        }))
    }

    pub(crate) fn toml(&self) -> String {
        let list = |texts: &[String]| {
            let texts: Vec<_> = texts.iter().map(|text| toml::string(text)).collect();
            format!("[{}]", texts.join(", "))
        };
        let types = match self.types.as_slice() {
            [one] => toml::string(one),
            several => list(several),
        };
        let mut text = format!("[settings.{}]\ntype = {types}\n", toml::string(&self.name));
        if !self.description.is_empty() {
            text.push_str(&format!("description = {}\n", toml::string(&self.description)));
        }
        if self.is_required {
            text.push_str("required = true\n");
        }
        if let Some(default) = &self.default {
            text.push_str(&format!("default = {default}\n"));
        }
        if !self.values.is_empty() {
            text.push_str(&format!("values = {}\n", list(&self.values)));
        }
        text
    }
}

impl Own {
    fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut own = Self::default();
        for attribute in attributes.iter().filter(|a| a.path().is_ident("setting")) {
            attribute.parse_nested_meta(|word| {
                if word.path.is_ident("type") {
                    let text: LitStr = word.value()?.parse()?;
                    own.types = parts(&text.value());
                    if own.types.is_empty() || own.types.iter().any(|t| !TYPES.contains(&&**t)) {
                        let message = format!("expected some of {}", TYPES.join(", "));
                        return Err(syn::Error::new_spanned(text, message));
                    }
                } else if word.path.is_ident("values") {
                    own.values = parts(&word.value()?.parse::<LitStr>()?.value());
                } else if word.path.is_ident("default") {
                    own.default = Some(toml::literal(&word.value()?.parse::<Lit>()?)?);
                } else {
                    return Err(word.error("expected `type`, `values` or `default`"));
                }
                Ok(())
            })?;
        }
        Ok(own)
    }
}

/// What is between commas.
fn parts(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The doc comment's first paragraph, on one line and without a full stop at its end.
fn description(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    };
    let lines = attributes.iter().filter_map(line);
    let lines: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let text = lines.join(" ");
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

/// What a type of the standard library is in TOML.
fn type_of(of: &Type) -> Option<&'static str> {
    if matches!(of, Type::Array(_) | Type::Tuple(_)) {
        return Some("array");
    }
    if let Some(inner) = argument_of(of, &["Box", "Rc", "Arc", "Cow"]) {
        return type_of(inner);
    }
    Some(match last_name(of)?.as_str() {
        "String" | "str" | "char" | "PathBuf" => "string",
        "bool" => "boolean",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "isize" | "usize" => {
            "integer"
        }
        "f32" | "f64" => "number",
        "Vec" | "VecDeque" | "BTreeSet" | "HashSet" => "array",
        "BTreeMap" | "HashMap" => "table",
        _ => return None,
    })
}

fn last_name(of: &Type) -> Option<String> {
    let Type::Path(path) = of else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// The last argument of one of these generic types.
fn argument_of<'a>(of: &'a Type, generics: &[&str]) -> Option<&'a Type> {
    let Type::Path(path) = of else { return None };
    let segment = path.path.segments.last()?;
    if !generics.iter().any(|generic| segment.ident == generic) {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().rev().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}
