//! The reader agrees with a general JSON library about what is right, and names what is wrong.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{NoSettings, of};

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Everything {
    text: String,
    yes: bool,
    small: i8,
    large: u64,
    negative: i64,
    ratio: f64,
    letter: Option<char>,
    list: Vec<Item>,
    table: BTreeMap<String, Vec<u8>>,
    by_number: BTreeMap<u16, String>,
    pair: (u8, String),
    untagged: Option<OneOrMany>,
    choice: Choice,
    choices: BTreeMap<Choice2, bool>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Item {
    name: String,
    #[serde(rename = "match")]
    matcher: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<f64>),
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    #[default]
    Plain,
    Wrapped(u8),
    Struct {
        a: bool,
    },
    Tuple(u8, u8),
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Choice2 {
    A,
    B,
}

fn same<T: DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    let expected: T = serde_json::from_str(text).expect(text);
    assert_eq!(of::<T>(text).map_err(|error| error.to_string()), Ok(expected), "{text}");
}

#[test]
fn everything_serde_can_ask_for_is_read_as_a_json_library_reads_it() {
    for text in [
        "{}",
        " { \"text\" : \"a\\n\\\"\\\\\\/\\b\\f\\r\\t\\u00e9\\ud83d\\ude00 ü\" , \"yes\":true}\n",
        r#"{"small":-128,"large":18446744073709551615,"negative":-9223372036854775808}"#,
        r#"{"ratio":1.5e3,"letter":"é"}"#,
        r#"{"ratio":7,"letter":null}"#,
        r#"{"list":[{"name":"a","match":"b"},{"name":"","match":null,"more":[1,{"x":2.5}]}]}"#,
        r#"{"table":{"a":[1,2],"b":[]},"by_number":{"7":"x","65535":""},"pair":[1,"b"]}"#,
        r#"{"untagged":"one"}"#,
        r#"{"untagged":[1,2.5]}"#,
        r#"{"choice":"plain","choices":{"A":true,"B":false}}"#,
        r#"{"choice":{"wrapped":3}}"#,
        r#"{"choice":{"struct":{"a":true}}}"#,
        r#"{"choice":{"tuple":[1,2]}}"#,
    ] {
        same::<Everything>(text);
        same::<serde_json::Value>(text);
    }
}

#[test]
fn a_mistake_is_named_with_the_setting_it_is_in() {
    let refused = |text: &str| of::<Everything>(text).expect_err(text).to_string();
    for (text, message) in [
        (r#"{"text":1}"#, "`text`: invalid type: number `1`, expected a string"),
        (r#"{"text":1.5}"#, "`text`: invalid type: number `1.5`, expected a string"),
        (r#"{"yes":"x"}"#, "`yes`: invalid type: string `x`, expected a boolean"),
        (r#"{"small":128}"#, "`small`: invalid value: integer, expected i8"),
        (r#"{"small":null}"#, "`small`: invalid type: null, expected i8"),
        (r#"{"ratio":true}"#, "`ratio`: invalid type: boolean `true`, expected f64"),
        (r#"{"list":{}}"#, "`list`: invalid type: map, expected a sequence"),
        (
            r#"{"list":[{"name":"a"},{"name":2}]}"#,
            "`list[1].name`: invalid type: number `2`, expected a string",
        ),
        (r#"{"list":[{}]}"#, "`list[0]`: missing field `name`"),
        (r#"{"table":{"a":[1,[]]}}"#, "`table.a[1]`: invalid type: sequence, expected u8"),
        (
            r#"{"choice":"round"}"#,
            "`choice`: unknown variant `round`, expected one of `plain`, `wrapped`, `struct`, `tuple`",
        ),
        (r#"{"by_number":{"x":""}}"#, "`by_number.x`: invalid type: string `x`, expected u16"),
        ("[]", "invalid type: sequence, expected struct Everything"),
    ] {
        assert_eq!(refused(text), message, "{text}");
    }
    let unknown = refused(r#"{"colour":1}"#);
    assert!(unknown.starts_with("`colour`: unknown field `colour`, expected one of"), "{unknown}");
    let unknown = of::<NoSettings>(r#"{"colour":1}"#).expect_err("no settings").to_string();
    assert_eq!(unknown, "`colour`: unknown field `colour`, there are no fields");
}

#[test]
fn text_that_is_no_json_is_refused_and_never_more() {
    let whole =
        r#"{"text":"a\u00e9\n","list":[{"name":"x","match":null}],"ratio":-1.5e3,"yes":false}"#;
    same::<Everything>(whole);
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        assert!(of::<Everything>(&whole[..end]).is_err(), "{}", &whole[..end]);
    }
    for text in [
        "{} x",
        "{\"yes\":true,}",
        "{\"yes\" true}",
        "{,}",
        "[1",
        "{\"text\":\"\\x\"}",
        "{\"text\":\"\\ud83d\"}",
        "{\"text\":\"\\ud83d\\u0041 \\udfff\"}",
        "{\"pair\":[1,\"b\",3]}",
        "{\"ratio\":--1}",
        "{\"choice\":{\"wrapped\":1,\"plain\":null}}",
    ] {
        assert!(of::<Everything>(text).is_err(), "{text}");
    }
    let deep = "[".repeat(100_000);
    let error = of::<serde_json::Value>(&deep).expect_err("bounded").to_string();
    assert!(error.ends_with("too many tables and lists inside each other"), "{error}");
}

proptest! {
    #[test]
    fn any_value_written_by_the_host_is_read_back(value in json()) {
        let text = value.to_string();
        prop_assert_eq!(of::<serde_json::Value>(&text).map_err(|error| error.to_string()), Ok(value));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,64}") {
        let _ = of::<serde_json::Value>(&text);
        let _ = of::<Everything>(&text);
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_filter("JSON has no others", |f| f.is_finite()).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}
