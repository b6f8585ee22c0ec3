//! A filter's patch, put on the event and on the packed batch alike. Removals come before settings. Pure.

use super::bounds;
use crate::limits;
use nightbell_core::model::{Event, Label, Patch};
use nightbell_plugin::packed::Rewrite;

/// The event with a patch. Each patch is within the bounds by itself, and so is each event that comes in; here is where
/// filters that add to each other's work meet them.
///
/// # Errors
/// In words, when the event would pass a bound: no part of the patch counts then.
pub(super) fn applied(event: &Event, patch: &Patch) -> Result<Event, String> {
    let mut changed = event.clone();
    apply(&mut changed, patch);
    let lists = [
        (changed.labels.len(), limits::LABELS_MAX, "labels"),
        (changed.attributes.len(), limits::LABELS_MAX, "attributes"),
        (changed.links.len(), bounds::LINKS_MAX, "links"),
        (text_bytes(&changed), bounds::LISTS_MAX_BYTES, "bytes of labels, attributes and links"),
    ];
    // What came in larger than that is nobody's patch: it may stay as it is, it may not grow.
    let before = [event.labels.len(), event.attributes.len(), event.links.len(), text_bytes(event)];
    for ((count, max, what), before) in lists.into_iter().zip(before) {
        if count > max.max(before) {
            return Err(format!("the event would have {count} {what}, expected at most {max}"));
        }
    }
    Ok(changed)
}

/// What an event's lists hold.
fn text_bytes(event: &Event) -> usize {
    let labels = event.labels.iter().map(|(name, value)| name.len() + value.len());
    let attributes = event.attributes.iter().map(|label| label.name.len() + label.value.len());
    let links = event.links.iter().map(|link| link.href.len() + link.text.len());
    labels.chain(attributes).chain(links).sum()
}

/// Changes the event.
pub(super) fn apply(event: &mut Event, patch: &Patch) {
    let replace = |old: &mut String, new: &Option<String>| {
        if let Some(new) = new {
            new.clone_into(old);
        }
    };
    replace(&mut event.title, &patch.title);
    replace(&mut event.source, &patch.source);
    replace(&mut event.details, &patch.details);
    event.severity = patch.severity.unwrap_or(event.severity);
    event.expires_at = patch.expires_at.or(event.expires_at);
    for name in &patch.remove_labels {
        event.labels.remove(name);
    }
    for label in &patch.set_labels {
        event.labels.insert(label.name.clone(), label.value.clone());
    }
    let is_set = |name: &str| patch.set_attributes.iter().any(|label| label.name == name);
    event
        .attributes
        .retain(|label| is_set(&label.name) || !patch.remove_attributes.contains(&label.name));
    for (at, label) in patch.set_attributes.iter().enumerate() {
        // A name set twice in one patch keeps its last value and place.
        if !patch.set_attributes[at + 1..].iter().any(|later| later.name == label.name) {
            set(&mut event.attributes, label);
        }
    }
    event.links.extend(patch.add_links.iter().cloned());
}

/// Replaces the first of this name and takes further ones away, else appends: as the packed batch does it.
fn set(attributes: &mut Vec<Label>, label: &Label) {
    let Some(first) = attributes.iter().position(|old| old.name == label.name) else {
        attributes.push(label.clone());
        return;
    };
    label.value.clone_into(&mut attributes[first].value);
    let mut at = 0;
    attributes.retain(|old| {
        at += 1;
        at - 1 <= first || old.name != label.name
    });
}

/// The same change for the packed batch.
pub(super) fn rewrite(patch: &Patch) -> Rewrite<'_> {
    Rewrite {
        title: patch.title.as_deref(),
        severity: patch.severity.map(super::to_guest::packed_severity),
        source: patch.source.as_deref(),
        details: patch.details.as_deref(),
        expires_at_ms: patch.expires_at.map(jiff::Timestamp::as_millisecond),
        set_labels: pairs(&patch.set_labels),
        remove_labels: patch.remove_labels.iter().map(String::as_str).collect(),
        set_attributes: pairs(&patch.set_attributes),
        remove_attributes: patch.remove_attributes.iter().map(String::as_str).collect(),
        add_links: patch
            .add_links
            .iter()
            .map(|link| (link.href.as_str(), link.text.as_str()))
            .collect(),
    }
}

fn pairs(labels: &[Label]) -> Vec<(&str, &str)> {
    labels.iter().map(|label| (label.name.as_str(), label.value.as_str())).collect()
}

/// What a patch changes, in a few words.
pub(super) fn describe(patch: &Patch) -> String {
    let mut words: Vec<String> = Vec::new();
    let fields = [
        ("title", patch.title.is_some()),
        ("severity", patch.severity.is_some()),
        ("source", patch.source.is_some()),
        ("details", patch.details.is_some()),
        ("expires_at", patch.expires_at.is_some()),
        ("links", !patch.add_links.is_empty()),
    ];
    words.extend(
        fields.iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| (*name).to_owned()),
    );
    let names = patch.set_labels.iter().map(|label| &label.name).chain(&patch.remove_labels);
    words.extend(names.map(|name| format!("label {name}")));
    let names =
        patch.set_attributes.iter().map(|label| &label.name).chain(&patch.remove_attributes);
    words.extend(names.map(|name| format!("attribute {name}")));
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::to_guest::Packed;
    use nightbell_core::model::{EventId, EventKind, Link, Severity};
    use nightbell_plugin::packed::Packer;

    fn label(name: &str, value: &str) -> Label {
        Label { name: name.to_owned(), value: value.to_owned() }
    }

    fn event() -> Event {
        Event {
            id: EventId(1),
            integration: "i".into(),
            received_at: jiff::Timestamp::UNIX_EPOCH,
            kind: EventKind::Trigger,
            dedup_key: "k".into(),
            title: "old".to_owned(),
            severity: Severity::Error,
            starts_at: None,
            expires_at: None,
            source: "s".to_owned(),
            links: vec![],
            images: vec![],
            labels: [("a", "1"), ("b", "2")].map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
            details: String::new(),
            attributes: vec![label("x", "1"), label("y", "2"), label("x", "3"), label("z", "4")],
        }
    }

    #[test]
    fn a_patch_that_would_take_an_event_past_a_bound_is_refused_as_a_whole() {
        let mut full = event();
        full.labels = (0..limits::LABELS_MAX).map(|n| (n.to_string(), String::new())).collect();
        let set = |names: &[&str]| Patch {
            title: Some("new".to_owned()),
            set_labels: names.iter().map(|name| label(name, "v")).collect(),
            ..Patch::default()
        };
        let refused = applied(&full, &set(&["one more"]));
        assert_eq!(
            refused,
            Err("the event would have 257 labels, expected at most 256".to_owned())
        );
        assert!(applied(&full, &set(&["7"])).is_ok(), "one of its own, set anew");
        let in_exchange = Patch { remove_labels: vec!["7".to_owned()], ..set(&["one more"]) };
        assert!(applied(&full, &in_exchange).is_ok());
        full.labels.insert("from before the bound".to_owned(), String::new());
        assert!(applied(&full, &set(&["7"])).is_ok(), "no larger than it was");

        let links = |count| Patch {
            add_links: (0..count)
                .map(|n| Link { href: format!("https://{n}.example"), text: String::new() })
                .collect(),
            ..Patch::default()
        };
        assert!(applied(&event(), &links(bounds::LINKS_MAX)).is_ok());
        assert!(applied(&event(), &links(bounds::LINKS_MAX + 1)).is_err());
        let long = "x".repeat(bounds::LISTS_MAX_BYTES - 100);
        let patch = Patch { set_attributes: vec![label("long", &long)], ..Patch::default() };
        let once = applied(&event(), &patch).expect("fits");
        let patch = Patch { set_labels: vec![label("long", &long)], ..Patch::default() };
        assert!(applied(&once, &patch).is_err(), "each fits alone");
    }

    #[test]
    fn the_event_and_the_packed_batch_agree_after_a_patch() {
        let patch = Patch {
            title: Some("new".to_owned()),
            severity: Some(Severity::Info),
            details: Some("{}".to_owned()),
            expires_at: Some(jiff::Timestamp::UNIX_EPOCH),
            set_labels: vec![label("c", "4"), label("aa", "5"), label("b", "3")],
            remove_labels: vec!["a".to_owned(), "b".to_owned()],
            set_attributes: vec![
                label("new", "5"),
                label("x", "9"),
                label("also", "7"),
                label("new", "6"),
            ],
            remove_attributes: vec!["z".to_owned(), "x".to_owned()],
            add_links: vec![Link { href: "https://a.example".to_owned(), text: "a".to_owned() }],
            ..Patch::default()
        };
        let mut rewritten = Packer::new();
        rewritten.begin(1);
        rewritten.push(&Packed { event: &event(), service: "shop" }).expect("fits");
        rewritten.rewrite(0, &rewrite(&patch)).expect("there");
        let mut changed = event();
        apply(&mut changed, &patch);
        let seen = rewritten.batch().get(0).expect("there");
        assert_eq!((seen.title(), seen.source(), seen.details()), ("new", "s", "{}"));
        assert_eq!(
            (seen.title(), seen.details()),
            (changed.title.as_str(), changed.details.as_str())
        );
        assert_eq!(seen.expires_at_ms(), changed.expires_at.map(jiff::Timestamp::as_millisecond));
        let labels: Vec<_> = changed.labels.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(seen.labels().collect::<Vec<_>>(), labels);
        assert_eq!(labels, [("aa", "5"), ("b", "3"), ("c", "4")]);
        let attributes = pairs(&changed.attributes);
        assert_eq!(seen.attributes().collect::<Vec<_>>(), attributes);
        assert_eq!(attributes, [("x", "9"), ("y", "2"), ("also", "7"), ("new", "6")]);
        assert_eq!(seen.links().collect::<Vec<_>>(), [("https://a.example", "a")]);
        assert_eq!(
            describe(&patch),
            "title, severity, details, expires_at, links, label c, label aa, label b, label a, label b, attribute new, attribute x, attribute also, attribute new, attribute z, attribute x"
        );
    }
}
