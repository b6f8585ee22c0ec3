//! What plugins' words do to a batch, without a plugin.

use super::*;
use nightbell_core::model::{EventId, Patch, Severity, Urgency};

fn event(id: u64, kind: EventKind) -> Arc<Event> {
    Arc::new(Event {
        id: EventId(id),
        integration: "i".into(),
        received_at: jiff::Timestamp::UNIX_EPOCH,
        kind,
        dedup_key: "k".into(),
        title: format!("title {id}"),
        severity: Severity::Error,
        starts_at: None,
        expires_at: None,
        source: String::new(),
        links: vec![],
        images: vec![],
        labels: [("n".to_owned(), id.to_string())].into(),
        details: String::new(),
        attributes: vec![],
    })
}

fn batch(kinds: &[EventKind]) -> Batch {
    let events = kinds.iter().enumerate().map(|(id, kind)| event(id as u64, *kind)).collect();
    Batch::new(events, &Directory::default(), Packer::new())
}

fn stamp(name: &str) -> PluginStamp {
    PluginStamp { name: name.into(), sha256: "0".into() }
}

fn heard<T>(words: Vec<Result<T, String>>) -> Vec<Heard<T>> {
    words.into_iter().map(|word| Heard { word, batch_us: 1, batch_len: 1 }).collect()
}

fn drop_it() -> Result<Ruling, String> {
    Ok(Ruling::Drop { reason: "noise".to_owned() })
}

fn suppress(reason: &str) -> Result<Ruling, String> {
    Ok(Ruling::Suppress { reason: reason.to_owned(), until: None })
}

fn titles(batch: &Batch, positions: &[usize]) -> Vec<String> {
    let index = batch.index(positions);
    let seen = nightbell_plugin::packed::Batch::open(batch.arena(), &index).expect("well formed");
    (0..positions.len()).map(|at| seen.get(at).expect("there").title().to_owned()).collect()
}

#[test]
fn a_part_of_the_batch_shows_exactly_its_events() {
    let mut batch = batch(&[EventKind::Trigger; 4]);
    assert_eq!(titles(&batch, &[1, 3]), ["title 1", "title 3"]);
    let keep = || Ok(Ruling::Keep);
    batch.rule(&stamp("f"), false, &[0, 1, 2, 3], heard(vec![keep(), drop_it(), keep(), keep()]));
    assert_eq!(titles(&batch, &[0, 1, 2]), ["title 0", "title 2", "title 3"]);
    assert_eq!(titles(&batch, &[2]), ["title 3"]);
    let scope = [Matcher::parse("n!=2").expect("valid"), Matcher::parse("n=~[23]").expect("valid")];
    assert_eq!(batch.in_scope(&scope), [2]);
}

#[test]
fn after_suppress_only_drop_overrides() {
    let mut batch = batch(&[EventKind::Trigger; 3]);
    let patch = Patch { title: Some("new".to_owned()), ..Patch::default() };
    batch.rule(
        &stamp("a"),
        false,
        &[0, 1, 2],
        heard(vec![suppress("one"), suppress("one"), Ok(Ruling::Modify(Box::new(patch)))]),
    );
    batch.rule(
        &stamp("b"),
        false,
        &[0, 1, 2],
        heard(vec![suppress("two"), drop_it(), Err("trap".to_owned())]),
    );
    assert_eq!(titles(&batch, &[0, 1]), ["title 0", "new"]);
    let (judged, _) = batch.finish();
    assert!(
        matches!(&judged[0].verdict, Verdict::Suppress { reason, by, .. } if reason == "one" && &**by == "a")
    );
    assert!(matches!(&judged[1].verdict, Verdict::Drop { by, .. } if &**by == "b"));
    assert_eq!((judged[2].verdict.clone(), judged[2].event.title.as_str()), (Verdict::Pass, "new"));
    assert_eq!(judged[2].stages[1].verdict, "failed: trap");
}

#[test]
fn routers_see_what_may_page_and_the_first_opinion_on_a_field_stays() {
    let mut batch =
        batch(&[EventKind::Resolve, EventKind::Trigger, EventKind::Acknowledge, EventKind::Change]);
    batch.begin_routing();
    assert_eq!(titles(&batch, &batch.in_scope(&[])), ["title 1", "title 3"]);
    let first = RouteDecision { urgency: Some(Urgency::Low), ..RouteDecision::default() };
    let second = RouteDecision {
        service: Some("shop".to_owned()),
        urgency: Some(Urgency::High),
        ..RouteDecision::default()
    };
    batch.route(&stamp("a"), false, &[0, 1], heard(vec![Ok(Some(first)), Err("trap".to_owned())]));
    batch.route(&stamp("b"), false, &[0], heard(vec![Ok(Some(second.clone()))]));
    batch.route(&stamp("c"), true, &[1], heard(vec![Ok(Some(second))]));
    batch.differences();
    let (judged, _) = batch.finish();
    assert_eq!(judged[1].decision.service.as_deref(), Some("shop"));
    assert_eq!(judged[1].decision.urgency, Some(Urgency::Low));
    let verdicts: Vec<_> = judged[1].stages.iter().map(|stage| &*stage.verdict).collect();
    assert_eq!(verdicts, ["urgency low", "service shop, urgency high"]);
    assert_eq!(judged[3].decision, RouteDecision::default(), "a failure and a shadow have no say");
    assert_eq!(
        judged[3].stages[1].verdict,
        "shadow: service shop, urgency high; without it: no opinion"
    );
    assert!(judged[0].stages.is_empty() && judged[2].stages.is_empty());
}

#[test]
fn a_shadow_is_of_another_mind_only_where_the_event_would_come_out_otherwise() {
    let all = [EventKind::Trigger, EventKind::Trigger, EventKind::Trigger, EventKind::Resolve];
    let mut batch = batch(&all);
    let same = Patch { title: Some("title 2".to_owned()), ..Patch::default() };
    let words = vec![drop_it(), suppress("s"), Ok(Ruling::Modify(Box::new(same))), drop_it()];
    batch.rule(&stamp("shade"), true, &[0, 1, 2, 3], heard(words));
    let failed = (0..4).map(|_| Err("trap".to_owned())).collect();
    batch.rule(&stamp("broken"), true, &[0, 1, 2, 3], heard(failed));
    batch.rule(&stamp("live"), false, &[1, 2], heard(vec![suppress("first"), Ok(Ruling::Keep)]));
    let differences = batch.differences();
    let said: Vec<_> = differences
        .iter()
        .map(|(by, d)| (&**by, d.event.0, d.live.as_str(), d.shadow.as_str()))
        .collect();
    // Suppressed either way, patched into what it is already, and a resolve that passes in any case: no difference.
    assert_eq!(said, [("shade", 0, "pass", "drop: noise")]);
    let (judged, _) = batch.finish();
    assert_eq!(judged[0].stages[0].verdict, "shadow: drop: noise; without it: pass");
    assert_eq!(judged[1].stages[0].verdict, "shadow: suppress: s");
    assert_eq!(judged[0].verdict, Verdict::Pass);
}

#[test]
fn a_router_in_shadow_is_measured_by_the_fields_it_would_have_decided() {
    let low = || RouteDecision { urgency: Some(Urgency::Low), ..RouteDecision::default() };
    let shop = || RouteDecision { service: Some("shop".to_owned()), ..RouteDecision::default() };
    for (before, shadow, after, differs) in [
        (None, low(), None, true),
        (Some(low()), low(), None, false),
        (Some(low()), RouteDecision { urgency: Some(Urgency::High), ..low() }, None, false),
        (Some(low()), shop(), None, true),
        // Somebody later says the same: nothing would have changed.
        (None, shop(), Some(shop()), false),
        (None, RouteDecision { service: Some("db".to_owned()), ..low() }, Some(shop()), true),
    ] {
        let mut batch = batch(&[EventKind::Trigger]);
        batch.begin_routing();
        let case = format!("{before:?} {shadow:?} {after:?}");
        batch.route(&stamp("a"), false, &[0], heard(vec![Ok(before)]));
        batch.route(&stamp("shade"), true, &[0], heard(vec![Ok(Some(shadow))]));
        batch.route(&stamp("z"), false, &[0], heard(vec![Ok(after)]));
        assert_eq!(batch.differences().len(), usize::from(differs), "{case}");
    }
}
