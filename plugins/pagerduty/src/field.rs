//! What the dialects share: reading fields, collecting problems, links and times.

use nightbell_plugin::{Event, EventKind, Timestamp};
use serde_json::{Map, Value};

/// As long as a summary is; a longer one is cut rather than refused, so that nobody is missed for it.
const TITLE_MAX_CHARS: usize = 1024;
/// As long as a key is. A longer one is refused: cut keys would make one alert of two.
const KEY_MAX_CHARS: usize = 255;

/// A scalar field as text; `None` when it is missing, null, blank or no scalar.
pub(crate) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    let blank = text.chars().all(|c| c.is_whitespace() || c.is_control());
    (!blank).then_some(text)
}

/// What the event asks for, or a problem.
pub(crate) fn action(
    object: &Map<String, Value>,
    name: &str,
    problems: &mut Vec<String>,
) -> Option<EventKind> {
    let Some(action) = text(object, name) else {
        problems.push(missing(name));
        return None;
    };
    match action.trim().to_ascii_lowercase().as_str() {
        "trigger" => Some(EventKind::Trigger),
        "acknowledge" => Some(EventKind::Acknowledge),
        "resolve" => Some(EventKind::Resolve),
        _ => {
            problems.push(format!(
                "'{name}' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"
            ));
            None
        }
    }
}

/// The identity. A trigger without one gets `fresh`; others need it.
pub(crate) fn key(
    object: &Map<String, Value>,
    name: &str,
    fresh: Option<String>,
    problems: &mut Vec<String>,
) -> String {
    match text(object, name).or(fresh) {
        Some(key) if key.chars().count() <= KEY_MAX_CHARS => key,
        Some(_) => {
            problems.push(format!("'{name}' is too long (maximum is {KEY_MAX_CHARS} characters)"));
            String::new()
        }
        None => {
            problems.push(missing(name));
            String::new()
        }
    }
}

/// The problem of a field that is needed.
pub(crate) fn missing(name: &str) -> String {
    format!("'{name}' is missing or blank")
}

/// An event with this text as its title: one line, in which control characters and line breaks are single spaces.
/// When it has to be cut, the whole text is an attribute.
pub(crate) fn event(kind: EventKind, text: &str) -> Event {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE_MAX_CHARS) {
        None => Event::of(kind, line),
        Some((end, _)) => Event::of(kind, line[..end].to_owned()).attribute("summary", text),
    }
}

/// Adds the time when it can be read; what cannot is shown as it came.
pub(crate) fn with_time(event: Event, timestamp: Option<String>) -> Event {
    match timestamp {
        None => event,
        Some(text) => match instant(&text) {
            Some(at) => event.starts_at(at),
            None => event.attribute("timestamp", text),
        },
    }
}

/// ISO 8601; without an offset it is UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let local = || {
        let at: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(at).ok()
    };
    zoned.or_else(local).map(|at| at.as_millisecond())
}

/// Adds `client` and its address: who sent this.
pub(crate) fn with_client(event: Event, object: &Map<String, Value>) -> Event {
    let client = text(object, "client");
    let url = text(object, "client_url").filter(|url| is_web(url));
    let event = match &client {
        Some(client) => event.attribute("client", client.as_str()),
        None => event,
    };
    match url {
        Some(url) => event.link(url, client.unwrap_or_else(|| "client".to_owned())),
        None => event,
    }
}

/// Adds the `links` and `images` whose addresses are of the web.
pub(crate) fn with_links(mut event: Event, object: &Map<String, Value>) -> Event {
    for link in objects(object, "links") {
        event = with_link(event, link);
    }
    for image in objects(object, "images") {
        event = with_image(event, image);
    }
    event
}

/// Adds one link.
pub(crate) fn with_link(event: Event, link: &Map<String, Value>) -> Event {
    match text(link, "href").filter(|href| is_web(href)) {
        Some(href) => event.link(href, text(link, "text").unwrap_or_default()),
        None => event,
    }
}

/// Adds one image.
pub(crate) fn with_image(event: Event, image: &Map<String, Value>) -> Event {
    let href = text(image, "href").filter(|href| is_web(href)).unwrap_or_default();
    match text(image, "src").filter(|src| is_web(src)) {
        Some(src) => event.image(src, href, text(image, "alt").unwrap_or_default()),
        None => event,
    }
}

/// The objects of a list; whatever else is in it is passed over.
pub(crate) fn objects<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    let items = object.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(Value::as_object)
}

/// Adds the details as they came; null and blank text are none.
pub(crate) fn with_details(event: Event, details: Option<&Value>) -> Event {
    match details {
        None | Some(Value::Null) => event,
        Some(Value::String(text)) if text.trim().is_empty() => event,
        Some(details) => event.details(details),
    }
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
