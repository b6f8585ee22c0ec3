//! What every store promises, run against each: the same suite, one factory per store.

use super::sample::{self, at};
use super::{
    Arrival, Commit, EmbeddedOptions, EmbeddedStore, EventFilter, IncidentFilter, InputRecord,
    MemoryStore, Opened, Parsing, Store,
};
use nightbell_core::model::{
    AlertStatus, Change, DeliveryStatus, Event, EventId, Fate, IncidentId, IncidentStatus,
    LaneKind, State, TimelineEntry, TimelineKind, TimerKey,
};
use std::sync::Arc;
use tempfile::TempDir;

/// Makes a store, and opens it again as the next process would.
trait Factory: Sized {
    fn new() -> (Self, Arc<dyn Store>);
    /// Ends the store that was given out and opens what it left.
    fn reopen(&mut self) -> (Arc<dyn Store>, Opened);
}

struct Memory(Arc<MemoryStore>);

impl Factory for Memory {
    fn new() -> (Self, Arc<dyn Store>) {
        let store = Arc::new(MemoryStore::new());
        (Self(store.clone()), store)
    }
    fn reopen(&mut self) -> (Arc<dyn Store>, Opened) {
        (self.0.clone(), self.0.opened())
    }
}

struct Embedded {
    dir: TempDir,
    store: Arc<EmbeddedStore>,
}

impl Embedded {
    fn open(dir: &TempDir) -> (Arc<EmbeddedStore>, Opened) {
        let options = EmbeddedOptions { segment_bytes: 64 << 10, ..EmbeddedOptions::default() };
        let (store, opened) = EmbeddedStore::open(dir.path(), options).expect("it opens");
        (Arc::new(store), opened)
    }
}

impl Factory for Embedded {
    fn new() -> (Self, Arc<dyn Store>) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (store, opened) = Self::open(&dir);
        assert_eq!(opened.remarks, Vec::<String>::new());
        (Self { dir, store: store.clone() }, store)
    }
    fn reopen(&mut self) -> (Arc<dyn Store>, Opened) {
        self.store.close();
        // The test let go of its own: this was the last, and with it goes the lock.
        let old = std::mem::replace(&mut self.store, {
            let dir = tempfile::tempdir().expect("a temporary directory");
            Self::open(&dir).0
        });
        drop(Arc::into_inner(old).expect("the test holds the old store no more"));
        let (store, opened) = Self::open(&self.dir);
        self.store = store.clone();
        (store, opened)
    }
}

macro_rules! conformance {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $name() { super::$name::<super::Memory>().await; })*
        }
        mod embedded {
            $(#[tokio::test] async fn $name() { super::$name::<super::Embedded>().await; })*
        }
    };
}
conformance!(
    i02_appended_events_are_pending_in_order_and_after_a_reopen,
    appended_tells_the_last_event,
    concurrent_appends_are_each_kept_whole,
    i03_a_commit_is_read_back_whole,
    i03_reopening_gives_the_same_state,
    i09_applying_a_commit_again_changes_nothing,
    incidents_are_filtered_and_paged_newest_first,
    events_are_filtered_and_paged_newest_first,
    events_have_their_outcomes_once_decided,
    i10_values_too_large_for_an_index_are_kept,
    an_incidents_history_is_its_own,
);

fn ids(events: &[Arc<Event>]) -> Vec<u64> {
    events.iter().map(|event| event.id.0).collect()
}

fn keys(events: &[Arc<Event>]) -> Vec<&str> {
    events.iter().map(|event| event.dedup_key.as_str()).collect()
}

async fn pending(store: &dyn Store, after: u64, max: usize) -> Vec<Arc<Event>> {
    store.pending(EventId(after), max).await.expect("pending answers")
}

async fn append(store: &dyn Store, arrivals: Vec<Arrival>) -> Vec<u64> {
    let ids = store.append(arrivals).await.expect("it is kept");
    ids.into_iter().map(|id| id.0).collect()
}

async fn commit(store: &dyn Store, cursor: u64, changes: Vec<Change>) {
    store.commit(sample::commit(cursor, changes)).await.expect("it is kept");
}

async fn i02_appended_events_are_pending_in_order_and_after_a_reopen<F: Factory>() {
    let (mut factory, store) = F::new();
    assert!(pending(&*store, 0, 9).await.is_empty());
    let arrivals =
        vec![sample::arrival(&["a", "b"]), sample::refused(), sample::arrival(&["c", "d"])];
    assert_eq!(append(&*store, arrivals).await, [1, 3, 4]);
    assert_eq!(append(&*store, Vec::new()).await, Vec::<u64>::new());
    commit(&*store, 2, Vec::new()).await;
    assert_eq!(
        append(&*store, vec![sample::arrival(&["e"])]).await,
        [7],
        "commits are numbered too"
    );
    assert_eq!(ids(&pending(&*store, 2, 9).await), [4, 5, 7]);
    assert_eq!(ids(&pending(&*store, 4, 1).await), [5]);
    assert_eq!(ids(&pending(&*store, 0, 3).await), [1, 2, 4]);
    assert!(pending(&*store, 7, 9).await.is_empty());
    assert!(pending(&*store, 0, 0).await.is_empty());
    drop(store);
    let (store, opened) = factory.reopen();
    assert_eq!(opened.cursor, EventId(2));
    let events = pending(&*store, 2, 9).await;
    assert_eq!((ids(&events), keys(&events)), (vec![4, 5, 7], vec!["c", "d", "e"]));
    let next = append(&*store, vec![sample::arrival(&["f"])]).await;
    assert_eq!(next, [8]);
    assert_eq!(ids(&pending(&*store, 5, 9).await), [7, 8], "journal and memory together");
    let expected = Event { id: EventId(8), ..sample::event("f") };
    assert_eq!(*pending(&*store, 7, 9).await[0], expected);
}

async fn appended_tells_the_last_event<F: Factory>() {
    let (mut factory, store) = F::new();
    let mut appended = store.appended();
    assert_eq!(*appended.borrow_and_update(), EventId(0));
    append(&*store, vec![sample::arrival(&["a", "b"])]).await;
    assert!(appended.has_changed().expect("the store lives"));
    assert_eq!(*appended.borrow_and_update(), EventId(2));
    append(&*store, vec![sample::refused()]).await;
    commit(&*store, 2, Vec::new()).await;
    assert!(!appended.has_changed().expect("the store lives"), "there is nothing to wait for");
    drop((store, appended));
    let (store, _) = factory.reopen();
    assert_eq!(*store.appended().borrow(), EventId(2));
}

async fn concurrent_appends_are_each_kept_whole<F: Factory>() {
    let (mut factory, store) = F::new();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..64 {
        let store = store.clone();
        let (a, b) = (format!("{n} a"), format!("{n} b"));
        tasks.spawn(async move {
            let first = append(&*store, vec![sample::arrival(&[&a, &b])]).await[0];
            let events = pending(&*store, first - 1, 2).await;
            assert_eq!(keys(&events), [&a, &b], "visible as soon as it is answered");
        });
    }
    tasks.join_all().await;
    drop(store);
    let (store, _) = factory.reopen();
    let events = pending(&*store, 0, 1_000).await;
    assert_eq!(ids(&events), (1..=128).collect::<Vec<u64>>());
    for pair in keys(&events).chunks(2) {
        assert_eq!(pair[0].strip_suffix('a'), pair[1].strip_suffix('b'));
    }
}

/// Every variant in one commit, with two events decided.
fn everything() -> Commit {
    Commit {
        inputs: sample::inputs(),
        outcomes: vec![
            sample::outcome(EventId(1), Fate::Opened(IncidentId(1))),
            sample::outcome(EventId(2), Fate::Repeated(Some(IncidentId(1)))),
        ],
        timeline: sample::timeline(1),
        ..sample::commit(2, sample::changes())
    }
}

async fn i03_a_commit_is_read_back_whole<F: Factory>() {
    let (mut factory, store) = F::new();
    append(&*store, vec![sample::arrival(&["a", "b"])]).await;
    let mut store = store;
    let written = everything();
    store.commit(written.clone()).await.expect("it is kept");
    for round in ["at once", "after a reopen"] {
        let incident = store.incident(IncidentId(1)).await.expect("a read");
        assert_eq!(incident.as_deref(), Some(&sample::incident(1)), "{round}");
        assert_eq!(store.incident(IncidentId(99)).await.expect("a read"), None);
        assert_eq!(
            store.timeline(IncidentId(1)).await.expect("a read"),
            written.timeline,
            "{round}"
        );
        let deliveries = store.deliveries(IncidentId(1)).await.expect("a read");
        let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id.as_str()).collect();
        assert_eq!(ids, ["d1", "d2", "u1", "d6", "d7", "b3", "d4", "d5"], "{round}");
        let event = store.event(EventId(2)).await.expect("a read").expect("it is there");
        assert_eq!(event.outcome.as_ref(), Some(&written.outcomes[1]), "{round}");
        drop(store);
        store = factory.reopen().0;
    }
}

/// Commits that open, move and close one of each.
fn a_life() -> Vec<Commit> {
    let gone = vec![
        Change::Incident(Arc::new(sample::resolved(1))),
        Change::Alert(Arc::new(nightbell_core::model::Alert {
            status: AlertStatus::Resolved,
            ..sample::alert("cpu", Some(1))
        })),
        Change::ForgetAlert(sample::alert_id("disk")),
        Change::Delivery(Arc::new(sample::delivered("d1", 1))),
        Change::CancelTimer(sample::notify("d1", 1)),
        Change::CancelTimer(TimerKey::Escalate(IncidentId(1))),
        Change::RemoveSilence("s1".into()),
        Change::RemoveMaintenanceWindow("m1".into()),
        Change::RemoveOverride("o1".into()),
        Change::RemoveProfile("alice".into()),
        Change::RevokeToken("t1".into()),
        sample::thread(1, "late@example.org"),
    ];
    let moved = vec![
        Change::Incident(Arc::new(sample::incident(7))),
        sample::thread(7, "a@example.org"),
        sample::thread(7, "b@example.org"),
        Change::SetTimer(TimerKey::Escalate(IncidentId(7)), at(1)),
        Change::SetTimer(TimerKey::Escalate(IncidentId(7)), at(90)),
        Change::PreparedDelivery(Arc::new(sample::delivery("p1", 7))),
        Change::SetTimer(sample::notify("p1", 7), at(3)),
        Change::PreparedDelivery(Arc::new(sample::delivery("p2", 7))),
        Change::SetTimer(sample::notify("p2", 7), at(3)),
        sample::plugin_state("x", Some(b"1")),
        sample::plugin_state("y", Some(b"2")),
    ];
    let due = vec![
        Change::CancelTimer(sample::notify("p1", 7)),
        Change::Delivery(Arc::new(sample::delivery("p2", 7))),
        sample::plugin_state("x", None),
        Change::Silence(Arc::new(sample::silence("s2"))),
        Change::MaintenanceWindow(Arc::new(sample::maintenance_window("m2"))),
    ];
    let highest = vec![
        Change::Incident(Arc::new(sample::incident(9))),
        Change::Incident(Arc::new(sample::resolved(9))),
    ];
    // Resolved, and kept with its threads until its messages are up to date.
    let leaving = vec![
        Change::SetTimer(TimerKey::Leave(IncidentId(7)), at(400)),
        Change::Incident(Arc::new(sample::resolved(7))),
        sample::thread(7, "late@example.org"),
        Change::Delivery(Arc::new(sample::update("u7", 7))),
        Change::Delivery(Arc::new(sample::notice("n1"))),
    ];
    let left = vec![
        Change::CancelTimer(TimerKey::Leave(IncidentId(7))),
        // Held pages end in every way; the words of it are forgotten.
        Change::Delivery(Arc::new(sample::delivered("d6", 1))),
        Change::Delivery(Arc::new(sample::delivery("d7", 1))),
        Change::ForgetPace(sample::lane(LaneKind::Low)),
        Change::ForgetBundle("b2".into()),
    ];
    [sample::changes(), moved, due, gone, highest, leaving, left]
        .into_iter()
        .map(|changes| sample::commit(0, changes))
        .collect()
}

fn state_after(commits: &[Commit]) -> State {
    let mut state = State::default();
    for commit in commits {
        state.apply(&commit.changes);
    }
    state
}

async fn i03_reopening_gives_the_same_state<F: Factory>() {
    let (mut factory, mut store) = F::new();
    let life = a_life();
    for (n, commit) in life.iter().enumerate() {
        store.commit(commit.clone()).await.expect("it is kept");
        drop(store);
        let (next, opened) = factory.reopen();
        assert_eq!(opened.state, state_after(&life[..=n]), "after commit {n}");
        assert_eq!(opened.remarks, Vec::<String>::new());
        store = next;
    }
    let last = state_after(&life);
    assert_eq!((last.last_incident(), last.incidents().count()), (9, 1));
    let before = state_after(&life[..life.len() - 1]);
    assert_eq!(before.threads_of(IncidentId(7)).count(), 3, "kept while it is about to leave");
    let leaving = |state: &State| state.leaving().map(|incident| incident.id.0).collect::<Vec<_>>();
    assert_eq!((leaving(&before), leaving(&last)), (vec![7, 9], vec![9]));
    assert_eq!(last.threads_of(IncidentId(7)).count(), 0);
    assert!(last.thread(IncidentId(1), "email", "late@example.org").is_none());
}

async fn i09_applying_a_commit_again_changes_nothing<F: Factory>() {
    let (mut factory, store) = F::new();
    for commit in a_life().into_iter().flat_map(|commit| [commit.clone(), commit]) {
        store.commit(commit).await.expect("it is kept");
    }
    drop(store);
    assert_eq!(factory.reopen().1.state, state_after(&a_life()));
}

async fn incidents_are_filtered_and_paged_newest_first<F: Factory>() {
    let (_factory, store) = F::new();
    let changes = (1..=9).map(|id| {
        let mut incident = if id % 3 == 0 { sample::resolved(id) } else { sample::incident(id) };
        if id % 2 == 0 {
            incident.service = "web".into();
        }
        Change::Incident(Arc::new(incident))
    });
    commit(&*store, 0, changes.collect()).await;
    let open = vec![IncidentStatus::Triggered, IncidentStatus::Acknowledged];
    let of = |statuses: &[IncidentStatus], service: Option<&str>, before, limit| IncidentFilter {
        statuses: statuses.to_vec(),
        service: service.map(Into::into),
        before: Some(before).filter(|id| *id > 0).map(IncidentId),
        limit,
    };
    let cases: [(_, &[u64], bool); 8] = [
        (of(&[], None, 0, 4), &[9, 8, 7, 6], true),
        (of(&[], None, 6, 9), &[5, 4, 3, 2, 1], false),
        (of(&[], None, 6, 5), &[5, 4, 3, 2, 1], false),
        (of(&open, None, 0, 3), &[8, 7, 5], true),
        (of(&[IncidentStatus::Resolved], None, 9, 9), &[6, 3], false),
        (of(&open, Some("web"), 0, 9), &[8, 4, 2], false),
        (of(&[], Some("none"), 0, 9), &[], false),
        (of(&[], None, 0, 0), &[], true),
    ];
    for (filter, expected, more) in cases {
        let page = store.incidents(filter.clone()).await.expect("a page");
        let ids: Vec<_> = page.items.iter().map(|incident| incident.id.0).collect();
        assert_eq!((ids.as_slice(), page.more), (expected, more), "{filter:?}");
    }
}

async fn events_are_filtered_and_paged_newest_first<F: Factory>() {
    let (_factory, store) = F::new();
    let failed = Arrival {
        parsing: Parsing::Failed { message: "trap".to_owned() },
        ..sample::arrival(&["raw"])
    };
    let other = Arrival { integration: "prometheus".into(), ..sample::arrival(&["x", "y"]) };
    append(&*store, vec![sample::arrival(&["a", "b"]), sample::refused()]).await;
    commit(&*store, 2, Vec::new()).await;
    append(&*store, vec![failed, other]).await;
    let of = |integration: Option<&str>, only_unparsed, before, limit| EventFilter {
        integration: integration.map(Into::into),
        only_unparsed,
        before: Some(before).filter(|id| *id > 0).map(EventId),
        limit,
    };
    let cases: [(_, &[u64], bool); 8] = [
        (of(None, false, 0, 9), &[7, 6, 5, 3, 2, 1], false),
        (of(None, false, 0, 2), &[7, 6], true),
        (of(None, false, 7, 2), &[6, 5], true),
        (of(None, false, 2, 9), &[1], false),
        (of(None, true, 0, 9), &[5, 3], false),
        (of(Some("prometheus"), false, 0, 9), &[7, 6], false),
        (of(Some("prometheus"), true, 0, 9), &[], false),
        (of(None, false, 1, 9), &[], false),
    ];
    for (filter, expected, more) in cases {
        let page = store.events(filter.clone()).await.expect("a page");
        let ids: Vec<_> = page.items.iter().map(|event| event.id.0).collect();
        assert_eq!((ids.as_slice(), page.more), (expected, more), "{filter:?}");
    }
}

async fn events_have_their_outcomes_once_decided<F: Factory>() {
    let (_factory, store) = F::new();
    append(&*store, vec![sample::arrival(&["a", "b"]), sample::refused()]).await;
    let before = store.event(EventId(2)).await.expect("a read").expect("it is there");
    let expected = Event { id: EventId(2), ..sample::event("b") };
    assert_eq!((before.event, before.outcome), (Some(expected), None));
    assert_eq!(before.arrival.body, sample::arrival(&[]).body);
    let refused = store.event(EventId(3)).await.expect("a read").expect("it is there");
    assert_eq!((refused.event, &refused.arrival.parsing), (None, &sample::refused().parsing));
    store.commit(everything()).await.expect("it is kept");
    for id in [0, 4, 5] {
        let none = store.event(EventId(id)).await.expect("a read");
        assert_eq!(none, None, "{id} is no event");
    }
    let page = store.events(EventFilter { limit: 9, ..Default::default() }).await.expect("a page");
    let decided: Vec<_> =
        page.items.iter().map(|event| event.outcome.as_ref().map(|o| o.event.0)).collect();
    assert_eq!(decided, [None, Some(2), Some(1)]);
}

async fn i10_values_too_large_for_an_index_are_kept<F: Factory>() {
    let (mut factory, store) = F::new();
    let mut incident = sample::incident(1);
    incident.title = "long ".repeat(2_000);
    let large = vec![b'x'; 20_000];
    let changes = vec![
        sample::plugin_state("k", Some(b"overwritten")),
        Change::Incident(Arc::new(sample::incident(1))),
        Change::Incident(Arc::new(incident.clone())),
        sample::plugin_state("k", Some(&large)),
    ];
    commit(&*store, 0, changes.clone()).await;
    commit(&*store, 0, vec![sample::plugin_state("other", Some(b"small"))]).await;
    let read = store.incident(IncidentId(1)).await.expect("a read");
    assert_eq!(read.as_deref(), Some(&incident));
    drop(store);
    let mut expected = State::default();
    expected.apply(&changes);
    expected.apply(&[sample::plugin_state("other", Some(b"small"))]);
    assert_eq!(factory.reopen().1.state, expected);
}

async fn an_incidents_history_is_its_own<F: Factory>() {
    let (_factory, store) = F::new();
    let entry = |incident, seq, text: &str| TimelineEntry {
        incident: IncidentId(incident),
        seq,
        kind: TimelineKind::Note { text: text.to_owned() },
        ..sample::timeline(1)[0].clone()
    };
    let mine = [entry(1, 0, "a"), entry(1, 1, "b"), entry(1, 2, "c")];
    let first = Commit {
        inputs: vec![InputRecord::Config { sha256: String::new() }],
        timeline: vec![mine[0].clone(), entry(2, 0, "z"), mine[1].clone()],
        ..sample::commit(
            0,
            vec![
                Change::Alert(Arc::new(sample::alert("cpu", Some(1)))),
                Change::Alert(Arc::new(sample::alert("disk", Some(2)))),
                Change::Delivery(Arc::new(sample::delivery("d1", 1))),
                Change::Delivery(Arc::new(sample::delivery("e1", 2))),
                Change::Delivery(Arc::new(sample::delivery("d2", 1))),
            ],
        )
    };
    store.commit(first).await.expect("it is kept");
    let mut over = sample::alert("cpu", Some(1));
    over.status = AlertStatus::Resolved;
    let changes = vec![
        Change::Delivery(Arc::new(sample::delivered("d1", 1))),
        Change::Alert(Arc::new(over.clone())),
    ];
    let second = Commit { timeline: vec![mine[2].clone()], ..sample::commit(0, changes) };
    store.commit(second).await.expect("it is kept");
    assert_eq!(store.timeline(IncidentId(1)).await.expect("a read"), mine);
    let deliveries = store.deliveries(IncidentId(1)).await.expect("a read");
    let seen: Vec<_> = deliveries
        .iter()
        .map(|delivery| {
            (delivery.id.as_str(), matches!(delivery.status, DeliveryStatus::Delivered { .. }))
        })
        .collect();
    assert_eq!(seen, [("d1", true), ("d2", false)]);
    let alerts = store.alerts(IncidentId(1)).await.expect("a read");
    assert_eq!(alerts, [Arc::new(over)]);
    assert_eq!(store.timeline(IncidentId(3)).await.expect("a read"), []);
}
