//! Parser `generic`: any JSON, form or text, with a mapping in its settings and sensible guesses without one.
//!
//! For the tool that has no parser of its own. A mapping says where title, kind, severity, identity and labels are;
//! what it does not say is looked for under the usual names. Nothing is lost: the whole item stays in the details.

mod body;
mod guess;
mod item;
mod mail;
mod path;
mod settings;
mod time;

pub use path::Path;
pub use settings::{Kind, OneOrMany, Settings, Severity};

use body::Body;
use item::Item;
use nightbell_plugin::{ParseError, Parsed, Parser, Payload};
use serde_json::Value;

nightbell_plugin::export!(parser: Generic);

/// The parser.
#[derive(Debug)]
pub struct Generic {
    settings: Settings,
}

impl Parser for Generic {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn parse(&mut self, mut payload: Payload) -> Result<Parsed, ParseError> {
        if payload.body.starts_with(b"\xef\xbb\xbf") {
            payload.body.drain(..3);
        }
        if mail::is_one(&payload) {
            let mail = mail::object(&payload, payload.text()?);
            return self.events(&mail);
        }
        match body::read(&payload)? {
            Body::Text(text) => Ok(Parsed::of(vec![item::of_text(&text)])),
            Body::Json(root) => self.events(&root),
        }
    }
}

impl Generic {
    /// One event per item. A bad item never costs a good one.
    fn events(&self, root: &Value) -> Result<Parsed, ParseError> {
        let mut parsed = Parsed::none();
        let items = self.items(root)?;
        for (at, value) in items.iter().enumerate() {
            match value {
                Value::Object(fields) => {
                    let item = Item::new(fields, value, root, &self.settings);
                    parsed.events.push(item.event());
                }
                other => {
                    let what = body::what(other);
                    parsed = parsed.rejected(format!("item {at}: expected an object, got {what}"));
                }
            }
        }
        match parsed.rejected.first() {
            Some(line) if parsed.events.is_empty() => Err(ParseError::new(format!("body: {line}"))),
            _ => Ok(parsed),
        }
    }

    /// The items of a payload: those of `split`, of an array, or the payload itself.
    fn items<'a>(&self, root: &'a Value) -> Result<&'a [Value], ParseError> {
        let Some(split) = &self.settings.split else {
            return Ok(match root {
                Value::Array(items) => items,
                one => std::slice::from_ref(one),
            });
        };
        match split.find(root) {
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(ParseError::new(format!(
                "body: expected an array at `{split}` (setting `split`), got {}",
                body::what(other)
            ))),
            None => Err(ParseError::new(format!(
                "body: expected an array at `{split}` (setting `split`), there is nothing"
            ))),
        }
    }
}
