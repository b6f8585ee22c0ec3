//! Events and rulings as JSON text, for the worlds `filter-json` and `router-json`: languages that read JSON best. Times
//! are milliseconds since the Unix epoch, as everywhere in the contract.
//!
//! In: `[{"id", "kind", "integration", "service", "dedup_key", "title", "severity", "source", "received_at",
//! "starts_at", "expires_at", "labels": {}, "attributes": [{"name", "value"}], "links": [{"href", "text"}],
//! "images": [{"src", "href", "alt"}], "details"}]`. Out of a filter: an array of `{"verdict": "keep"}`,
//! `{"verdict": "drop", "reason"}`, `{"verdict": "suppress", "reason", "until"}` or `{"verdict": "modify", "title", …,
//! "set_labels": {}, "remove_labels": [], …}`; a `null` is no change. Out of a router: an array of `{"service", "escalation_policy",
//! "urgency", "priority", "group_key"}` or `null`.

use super::fault::Fault;
use super::from_guest::{Ruling, checked, link, short, timestamp};
use super::types::Kind;
use super::wire::im;
use jiff::Timestamp;
use nightbell_core::model::{Event, Label, Patch, RouteDecision, Severity, Urgency};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Serialize)]
struct EventOut<'a> {
    id: u64,
    kind: &'static str,
    integration: &'a str,
    service: &'a str,
    dedup_key: &'a str,
    title: &'a str,
    severity: &'static str,
    source: &'a str,
    received_at: i64,
    starts_at: Option<i64>,
    expires_at: Option<i64>,
    labels: &'a BTreeMap<String, String>,
    attributes: Vec<LabelOut<'a>>,
    links: Vec<LinkOut<'a>>,
    images: Vec<ImageOut<'a>>,
    details: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct LabelOut<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct LinkOut<'a> {
    href: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct ImageOut<'a> {
    src: &'a str,
    href: &'a str,
    alt: &'a str,
}

/// The batch as a filter or router reads it: each event with its integration's own service.
pub(super) fn events<'a>(events: impl Iterator<Item = (&'a Event, &'a str)>) -> String {
    let events: Vec<_> = events.map(|(event, service)| event_out(event, service)).collect();
    serde_json::to_string(&events).expect("text, numbers and checked JSON always serialise")
}

fn event_out<'a>(event: &'a Event, service: &'a str) -> EventOut<'a> {
    let attributes =
        event.attributes.iter().map(|label| LabelOut { name: &label.name, value: &label.value });
    let links = event.links.iter().map(|link| LinkOut { href: &link.href, text: &link.text });
    let images = event.images.iter().map(|image| ImageOut {
        src: &image.src,
        href: &image.href,
        alt: &image.alt,
    });
    EventOut {
        id: event.id.0,
        kind: event.kind.as_str(),
        integration: event.integration.as_str(),
        service,
        dedup_key: event.dedup_key.as_str(),
        title: &event.title,
        severity: event.severity.as_str(),
        source: &event.source,
        received_at: event.received_at.as_millisecond(),
        starts_at: event.starts_at.map(Timestamp::as_millisecond),
        expires_at: event.expires_at.map(Timestamp::as_millisecond),
        labels: &event.labels,
        attributes: attributes.collect(),
        links: links.collect(),
        images: images.collect(),
        details: serde_json::from_str(&event.details).ok(),
    }
}

/// A verdict with the fields of all of them: details cross as the text they are, which a tagged enum could not do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictIn<'a> {
    verdict: WordIn,
    reason: Option<String>,
    until: Option<i64>,
    title: Option<String>,
    severity: Option<SeverityIn>,
    source: Option<String>,
    /// `null` is said as much as any other value: it removes them.
    #[serde(borrow, default, deserialize_with = "given")]
    details: Option<&'a RawValue>,
    expires_at: Option<i64>,
    #[serde(default)]
    set_labels: LabelsIn,
    #[serde(default)]
    remove_labels: Vec<String>,
    #[serde(default)]
    set_attributes: LabelsIn,
    #[serde(default)]
    remove_attributes: Vec<String>,
    #[serde(default)]
    add_links: Vec<LinkIn>,
}

fn given<'de, D: Deserializer<'de>>(input: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(input).map(Some)
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WordIn {
    Keep,
    Drop,
    Suppress,
    Modify,
}

/// An object of texts, in the order in which it was written.
#[derive(Default)]
struct LabelsIn(Vec<Label>);

impl<'de> Deserialize<'de> for LabelsIn {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(LabelsVisitor).map(Self)
    }
}

struct LabelsVisitor;

impl<'de> Visitor<'de> for LabelsVisitor {
    type Value = Vec<Label>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Label>, A::Error> {
        let mut labels = Vec::new();
        while let Some((name, value)) = map.next_entry()? {
            labels.push(Label { name, value });
        }
        Ok(labels)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SeverityIn {
    Critical,
    Error,
    Warning,
    Info,
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkIn {
    href: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionIn {
    service: Option<String>,
    escalation_policy: Option<String>,
    urgency: Option<UrgencyIn>,
    priority: Option<String>,
    group_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum UrgencyIn {
    High,
    Low,
}

/// A filter's answer.
///
/// # Errors
/// Nonsense, naming the place.
pub(super) fn rulings(text: &str) -> Result<Vec<Ruling>, Fault> {
    let verdicts: Vec<VerdictIn<'_>> = read(text, "verdicts")?;
    verdicts.into_iter().map(ruling).collect()
}

/// A router's answer.
///
/// # Errors
/// Nonsense, naming the place.
pub(super) fn decisions(text: &str) -> Result<Vec<Option<RouteDecision>>, Fault> {
    let decisions: Vec<Option<DecisionIn>> = read(text, "decisions")?;
    Ok(decisions.into_iter().map(|decision| decision.map(decided)).collect())
}

/// What a plugin must answer to an empty batch.
///
/// # Errors
/// Nonsense, when it is anything else than an empty array.
pub(super) fn says_nothing(kind: Kind, text: &str) -> Result<(), Fault> {
    let said = if kind == Kind::Router { decisions(text)?.len() } else { rulings(text)?.len() };
    if said == 0 {
        return Ok(());
    }
    Err(Fault::nonsense(format!("{said} answers to an empty batch")))
}

fn read<'a, T: Deserialize<'a>>(text: &'a str, what: &str) -> Result<T, Fault> {
    serde_json::from_str(text)
        .map_err(|error| Fault::nonsense(format!("expected an array of {what}: {error}")))
}

fn ruling(mut said: VerdictIn<'_>) -> Result<Ruling, Fault> {
    let word = said.verdict;
    let (reason, until) = (said.reason.take(), said.until.take());
    let patch = patch_of(said)?;
    let changes = patch != Patch::default();
    match (word, reason, until) {
        (WordIn::Keep, None, None) if !changes => Ok(Ruling::Keep),
        (WordIn::Modify, None, None) => Ok(Ruling::Modify(Box::new(patch))),
        (WordIn::Drop, Some(reason), None) if !changes => {
            Ok(Ruling::Drop { reason: short(&reason) })
        }
        (WordIn::Suppress, Some(reason), until) if !changes => {
            let until = until.map(|until| timestamp(until, "until")).transpose()?;
            Ok(Ruling::Suppress { reason: short(&reason), until })
        }
        (WordIn::Drop | WordIn::Suppress, None, _) => {
            Err(Fault::nonsense("a verdict without its `reason`"))
        }
        _ => Err(Fault::nonsense("a verdict with the fields of another one")),
    }
}

fn patch_of(said: VerdictIn<'_>) -> Result<Patch, Fault> {
    let severity = said.severity.map(|severity| match severity {
        SeverityIn::Critical => Severity::Critical,
        SeverityIn::Error => Severity::Error,
        SeverityIn::Warning => Severity::Warning,
        SeverityIn::Info => Severity::Info,
        SeverityIn::Unknown => Severity::Unknown,
    });
    let links = said.add_links.into_iter();
    let links = links.filter_map(|new| link(im::types::Link { href: new.href, text: new.text }));
    checked(Patch {
        title: said.title,
        severity,
        source: said.source,
        details: said.details.map(|details| details.get().to_owned()),
        expires_at: said.expires_at.map(|at| timestamp(at, "expires_at")).transpose()?,
        set_labels: said.set_labels.0,
        remove_labels: said.remove_labels,
        set_attributes: said.set_attributes.0,
        remove_attributes: said.remove_attributes,
        add_links: links.collect(),
    })
}

fn decided(decision: DecisionIn) -> RouteDecision {
    let short = |text: Option<String>| text.map(|text| short(&text));
    RouteDecision {
        service: short(decision.service),
        escalation_policy: short(decision.escalation_policy),
        urgency: decision.urgency.map(|urgency| match urgency {
            UrgencyIn::High => Urgency::High,
            UrgencyIn::Low => Urgency::Low,
        }),
        priority: short(decision.priority),
        group_key: short(decision.group_key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_read_and_nonsense_is_named() {
        let text = r#"[{"verdict":"keep"},{"verdict":"drop","reason":"noise"},
            {"verdict":"suppress","reason":"night","until":1000},
            {"verdict":"modify","title":"t","severity":"info","details":{"a":1},"set_labels":{"a":"b"}}]"#;
        let rulings = rulings(text).expect("valid");
        assert_eq!(rulings[0], Ruling::Keep);
        assert_eq!(rulings[1], Ruling::Drop { reason: "noise".to_owned() });
        let until = Some(Timestamp::from_second(1).expect("in range"));
        assert_eq!(rulings[2], Ruling::Suppress { reason: "night".to_owned(), until });
        let Ruling::Modify(patch) = &rulings[3] else { panic!("{:?}", rulings[3]) };
        assert_eq!(patch.details.as_deref(), Some("{\"a\":1}"));
        for (text, details) in [("", None), (r#","details":null"#, Some(""))] {
            let text = format!(r#"[{{"verdict":"modify"{text}}}]"#);
            let Ruling::Modify(patch) = &super::rulings(&text).expect("valid")[0] else { panic!() };
            assert_eq!(patch.details.as_deref(), details);
        }
        for text in [
            "",
            "{}",
            r#"[{"verdict":"drop","reason":"x","until":1}]"#,
            r#"[{"verdict":"suppress","reason":"x","until":1.5}]"#,
            "[{}]",
            r#"[{"verdict":"explode"}]"#,
            r#"[{"verdict":"drop"}]"#,
            r#"[{"verdict":"modify","kind":"resolve"}]"#,
            r#"[{"verdict":"suppress","reason":"","until":1e99}]"#,
            r#"[{"verdict":"keep","reason":"why"}]"#,
            r#"[{"verdict":"drop","reason":"why","title":"t"}]"#,
            r#"[{"verdict":"modify","set_labels":["a"]}]"#,
            r#"[{"verdict":"modify","set_labels":{"a":1}}]"#,
        ] {
            assert!(super::rulings(text).is_err(), "{text}");
        }
    }

    #[test]
    fn details_and_the_order_of_names_come_out_as_they_were_written() {
        let text = r#"[{"verdict":"modify","details":{"z":1.0,"a":1e2,"n":123456789012345678901234567890},
            "set_attributes":{"z":"1","a":"2"},"title":null}]"#;
        let [Ruling::Modify(patch)] = &rulings(text).expect("valid")[..] else { panic!("{text}") };
        assert_eq!(
            patch.details.as_deref(),
            Some(r#"{"z":1.0,"a":1e2,"n":123456789012345678901234567890}"#)
        );
        let names: Vec<_> = patch.set_attributes.iter().map(|label| label.name.as_str()).collect();
        assert_eq!((names, patch.title.as_deref()), (vec!["z", "a"], None));
    }

    #[test]
    fn an_empty_batch_has_an_empty_answer() {
        assert_eq!(says_nothing(Kind::Filter, " [] "), Ok(()));
        assert_eq!(says_nothing(Kind::Router, "[]"), Ok(()));
        assert!(says_nothing(Kind::Router, "[null]").is_err());
        assert!(says_nothing(Kind::Filter, "").is_err());
    }

    #[test]
    fn decisions_are_read() {
        let text = r#"[null,{"service":"shop","urgency":"low"}]"#;
        let expected = RouteDecision {
            service: Some("shop".to_owned()),
            urgency: Some(Urgency::Low),
            ..RouteDecision::default()
        };
        assert_eq!(decisions(text), Ok(vec![None, Some(expected)]));
        assert!(decisions(r#"[{"team":"shop"}]"#).is_err());
    }
}
