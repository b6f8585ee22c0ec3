//! One item of a payload as an event: the mapping first, the usual names second.

use std::collections::BTreeMap;

use nightbell_plugin::{Event, EventKind, Label, Link, Severity, Timestamp};
use serde_json::{Map, Value, json};

use crate::settings::{OneOrMany, Settings};
use crate::{guess, time};

/// As long as a title can be.
const TITLE_MAX_CHARS: usize = 1024;
/// As long as a label can be; longer text is for reading, not for matching.
const LABEL_MAX_CHARS: usize = 255;
/// As many labels as are taken from the item's own objects.
const LABELS_MAX: usize = 100;

/// One item and where it was found.
pub(crate) struct Item<'a> {
    value: &'a Value,
    /// The whole payload, for paths that lead out of the item.
    root: &'a Value,
    settings: &'a Settings,
    /// The item's fields under their plain names, each with its own: made once, since many names are looked up.
    fields: BTreeMap<String, (&'a str, &'a Value)>,
}

/// Text as an event: the first line that says something is the title.
pub(crate) fn of_text(text: &str) -> Event {
    let first = text.lines().map(one_line).find(|line| !line.is_empty());
    Event::trigger(first.unwrap_or_else(|| "a message without text".to_owned()))
        .details(&json!({ "text": text }))
}

impl<'a> Item<'a> {
    /// The item with these fields; of names that differ only in case or dashes the first counts.
    pub(crate) fn new(
        fields: &'a Map<String, Value>,
        value: &'a Value,
        root: &'a Value,
        settings: &'a Settings,
    ) -> Self {
        let mut plain = BTreeMap::new();
        for (name, value) in fields {
            plain.entry(guess::plain(name)).or_insert((name.as_str(), value));
        }
        Self { value, root, settings, fields: plain }
    }

    /// The event.
    pub(crate) fn event(&self) -> Event {
        let mut event = Event::of(self.kind(), self.title()).severity(self.severity());
        event.dedup_key = self.dedup_key();
        event.source = self.text(&self.settings.source, guess::SOURCE).unwrap_or_default();
        event.starts_at = self.time(&self.settings.starts_at, guess::STARTS_AT);
        event.expires_at = self.time(&self.settings.expires_at, guess::EXPIRES_AT);
        event.labels = self.labels();
        event.links = self.links();
        for (name, paths) in &self.settings.attributes {
            if let Some(text) = self.mapped(paths).find_map(text) {
                event = event.attribute(name, text);
            }
        }
        event.details(self.value)
    }

    fn title(&self) -> String {
        let found = self.text(&self.settings.title, guess::TITLE);
        let title = found.map(|text| one_line(&text)).filter(|line| !line.is_empty());
        title.unwrap_or_else(|| one_line(&self.value.to_string()))
    }

    /// What the words say, or a trigger: rather a page too many.
    fn kind(&self) -> EventKind {
        let words = &self.settings.kinds;
        let meaning =
            |word: &str| words.meaning(word).map(EventKind::from).or_else(|| guess::kind(word));
        self.meaning(&self.settings.kind, guess::KIND, meaning).unwrap_or(EventKind::Trigger)
    }

    fn severity(&self) -> Severity {
        let words = &self.settings.severities;
        let meaning =
            |word: &str| words.meaning(word).map(Severity::from).or_else(|| guess::severity(word));
        self.meaning(&self.settings.severity, guess::SEVERITY, meaning).unwrap_or(Severity::Unknown)
    }

    /// The first word that means something, under the mapping's paths or, without any, the usual names.
    fn meaning<T>(
        &self,
        paths: &OneOrMany,
        names: &'static [&'static str],
        meaning: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let meaning = |value: &Value| meaning(&text(value)?);
        match paths.paths() {
            [] => self.usual(names).find_map(meaning),
            _ => self.mapped(paths).find_map(meaning),
        }
    }

    /// The parts of the identity that the mapping names, joined so that no two lists give one key.
    fn dedup_key(&self) -> Option<String> {
        let paths = &self.settings.dedup_key;
        match paths.paths() {
            [] => self.usual(guess::DEDUP_KEY).find_map(text),
            [_] => self.mapped(paths).find_map(text),
            several => {
                let parts = several.iter().map(|path| self.at(path).and_then(text));
                let parts: Vec<Option<String>> = parts.collect();
                if parts.iter().all(Option::is_none) {
                    return None;
                }
                let parts = parts
                    .into_iter()
                    .map(|part| part.unwrap_or_default().replace('\\', "\\\\").replace('/', "\\/"));
                Some(parts.collect::<Vec<_>>().join("/"))
            }
        }
    }

    fn text(&self, paths: &OneOrMany, names: &'static [&'static str]) -> Option<String> {
        self.mapped(paths).find_map(text).or_else(|| self.usual(names).find_map(text))
    }

    fn time(&self, paths: &OneOrMany, names: &'static [&'static str]) -> Option<Timestamp> {
        match paths.paths() {
            [] => self.usual(names).find_map(time::read),
            _ => self.mapped(paths).find_map(time::read),
        }
    }

    fn labels(&self) -> Vec<Label> {
        let mut labels: Vec<Label> = vec![];
        let mut add = |name: &str, value: Option<String>| {
            let Some(value) = value.filter(|value| value.chars().count() <= LABEL_MAX_CHARS) else {
                return;
            };
            if labels.len() < LABELS_MAX && labels.iter().all(|label| label.name != name) {
                labels.push(Label { name: name.to_owned(), value });
            }
        };
        for (name, paths) in &self.settings.labels {
            add(name, self.mapped(paths).find_map(text));
        }
        for object in self.usual(guess::LABEL_OBJECTS) {
            match object {
                Value::Object(fields) => {
                    fields.iter().for_each(|(name, value)| add(name, text(value)));
                }
                Value::Array(tags) => {
                    let tags = tags.iter().filter_map(Value::as_str);
                    for (name, value) in tags.filter_map(|tag| tag.split_once([':', '='])) {
                        add(name.trim(), Some(value.trim().to_owned()));
                    }
                }
                _ => {}
            }
        }
        for (name, value) in guess::LABELS.iter().filter_map(|name| self.fields.get(*name)) {
            add(name, text(value));
        }
        labels
    }

    fn links(&self) -> Vec<Link> {
        let mut links: Vec<Link> = vec![];
        let mut add = |href: Option<String>, text: &str| {
            let Some(href) = href.filter(|href| is_web(href)) else { return };
            if links.iter().all(|link| link.href != href) {
                links.push(Link { href, text: text.to_owned() });
            }
        };
        for (name, paths) in &self.settings.links {
            add(self.mapped(paths).find_map(text), name);
        }
        for (field, value) in guess::LINKS.iter().filter_map(|name| self.fields.get(*name)) {
            add(text(value), field);
        }
        links
    }

    /// The values at these paths, in order.
    fn mapped<'b>(&'b self, paths: &'b OneOrMany) -> impl Iterator<Item = &'a Value> {
        paths.paths().iter().filter_map(|path| self.at(path))
    }

    fn at(&self, path: &crate::Path) -> Option<&'a Value> {
        path.find(self.value).or_else(|| path.find(self.root))
    }

    /// The item's own values under these names, in the order of the names.
    fn usual(&self, names: &'static [&'static str]) -> impl Iterator<Item = &'a Value> {
        names.iter().filter_map(|name| self.fields.get(*name)).map(|(_, value)| *value)
    }
}

/// A scalar as text; `None` when it is blank, null, a list or an object.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// One line for people: control characters and line breaks become single spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(TITLE_MAX_CHARS).collect()
}

/// Only the web's own schemes are links: never `javascript:`, `data:` or a path.
fn is_web(url: &str) -> bool {
    let scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    (scheme("https://") || scheme("http://")) && url.chars().all(plain)
}
