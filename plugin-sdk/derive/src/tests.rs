//! What types and attributes become.

use syn::parse_quote;

use super::*;

fn toml_of(input: &DeriveInput) -> Result<String, String> {
    let Data::Struct(data) = &input.data else { return Err("no struct".to_owned()) };
    let container = Container::read(&input.attrs).map_err(|error| error.to_string())?;
    let read = |field| Field::read(field, &container).map_err(|error| error.to_string());
    let fields: Result<Vec<_>, _> = data.fields.iter().map(read).collect();
    Ok(fields?.into_iter().flatten().map(|field| field.toml()).collect())
}

#[test]
fn names_types_comments_and_defaults_become_settings() {
    let text = toml_of(&parse_quote! {
        #[serde(deny_unknown_fields)]
        struct Settings {
            /// Which "team"
            /// it is.
            ///
            /// Not shown.
            team: String,
            #[serde(rename = "match", default)]
            matchers: Vec<Matcher>,
            limit: Option<u32>,
            #[serde(default = "half")]
            #[setting(default = 0.5)]
            ratio: f64,
            #[setting(type = "string, array", values = "high, low")]
            urgency: Urgency,
            on: bool,
            names: std::collections::BTreeMap<String, Vec<String>>,
            #[serde(skip)]
            cache: Cache,
            r#type: Box<str>,
            pair: (u8, u8),
        }
    });
    let expected = r#"[settings."team"]
type = "string"
description = "Which \"team\" it is"
required = true
[settings."match"]
type = "array"
[settings."limit"]
type = "integer"
[settings."ratio"]
type = "number"
default = 0.5
[settings."urgency"]
type = ["string", "array"]
required = true
values = ["high", "low"]
[settings."on"]
type = "boolean"
required = true
[settings."names"]
type = "table"
required = true
[settings."type"]
type = "string"
required = true
[settings."pair"]
type = "array"
required = true
"#;
    assert_eq!(text.as_deref(), Ok(expected));
}

#[test]
fn words_on_the_struct_count_for_every_field() {
    let text = toml_of(&parse_quote! {
        #[serde(default, rename_all = "kebab-case")]
        struct Settings { long_name: i64, #[serde(rename(deserialize = "x", serialize = "y"))] other: bool }
    });
    let expected =
        "[settings.\"long-name\"]\ntype = \"integer\"\n[settings.\"x\"]\ntype = \"boolean\"\n";
    assert_eq!(text.as_deref(), Ok(expected));
    let camel = toml_of(&parse_quote! {
        #[serde(default, rename_all = "camelCase")]
        struct Settings { long_name: i64 }
    });
    assert_eq!(camel.as_deref(), Ok("[settings.\"longName\"]\ntype = \"integer\"\n"));
}

#[test]
fn what_cannot_be_seen_is_asked_for() {
    let refused = |input: &DeriveInput| toml_of(input).expect_err("refused");
    let unknown = refused(&parse_quote! { struct S { a: Matchers } });
    assert!(unknown.contains("#[setting(type"), "{unknown}");
    let flat = refused(&parse_quote! { struct S { #[serde(flatten)] a: Vec<u8> } });
    assert!(flat.contains("flattened"), "{flat}");
    let wrong = refused(&parse_quote! { struct S { #[setting(type = "text")] a: String } });
    assert!(wrong.contains("expected some of string"), "{wrong}");
    let other = refused(&parse_quote! { struct S { #[setting(kind = "text")] a: String } });
    assert!(other.contains("expected `type`"), "{other}");
}
