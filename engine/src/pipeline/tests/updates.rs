//! Earlier messages are kept current, through pipeline and dispatcher.

use super::*;
use crate::plugin::Purpose;

fn resolve(id: u64) -> Input {
    let by = Actor::Person("alice".into());
    Input::Action { by, via: None, action: Action::Resolve(IncidentId(id)) }
}

impl Bench {
    /// A gate with room, whose channel asks for its messages to be kept current; one incident, paged.
    async fn with_threads() -> Self {
        let bench = Self::start(1);
        bench.gate.has_threads.store(true, Ordering::SeqCst);
        bench.trigger("disk").await;
        bench
            .until("the thread", |bench| bench.door.view(|v| v.state.threads().count()) == 1)
            .await;
        bench
    }

    fn last(&self) -> Notification {
        self.gate.sent.lock().expect("lock").last().expect("sent").clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_and_a_resolve_reach_the_message_that_was_sent() {
    let bench = Bench::with_threads().await;
    let page = bench.last();
    assert_eq!((page.purpose, page.thread.as_deref()), (Purpose::Page, None));
    bench.gate.places.add_permits(10);
    assert_eq!(bench.door.submit(acknowledge(1)).await, Ok(Reply::Done));
    bench.until("the update", |bench| bench.sent() == 2).await;
    let update = bench.last();
    assert_eq!(update.purpose, Purpose::StatusUpdate);
    assert_eq!(update.thread.as_deref(), Some("thread of 1"));
    assert_eq!(update.update, "acknowledged by Alice");
    assert_eq!(update.incident.status, "acknowledged");
    assert_eq!(update.incident.answered_by, ["Alice"]);
    assert_eq!((&update.address, &update.person), (&page.address, &page.person));
    assert_eq!(update.reason, page.reason, "a message that is written anew says why it was sent");
    assert_ne!(update.id, page.id);
    // A newer update replaces one whose record is not written yet.
    let none_left = |bench: &Bench| bench.door.view(|view| view.state.deliveries().count()) == 0;
    bench.until("the record of it", none_left).await;

    assert_eq!(bench.door.submit(resolve(1)).await, Ok(Reply::Done));
    bench.until("the last update", |bench| bench.sent() == 3).await;
    let update = bench.last();
    assert_eq!((&*update.update, update.incident.status), ("resolved by Alice", "resolved"));
    let alert = &update.incident.alerts[0];
    assert_eq!((&*alert.title, alert.firing), ("disk", false), "named although it is over");
    bench.until("the record of the last one", none_left).await;
    let timeline = bench.store.timeline(IncidentId(1)).await.expect("memory");
    let lines = timeline.iter().filter_map(|entry| match &entry.kind {
        TimelineKind::Delivered { problems, .. } => Some(("page".to_owned(), problems.len())),
        TimelineKind::Updated { update, problems, .. } => Some((update.clone(), problems.len())),
        _ => None,
    });
    let expected = ["page", "acknowledged by Alice", "resolved by Alice"];
    assert_eq!(lines.collect::<Vec<_>>(), expected.map(|line| (line.to_owned(), 1)));
    let seqs: Vec<u32> = timeline.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (0..timeline.len() as u32).collect::<Vec<_>>(), "without holes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_ends_as_the_incident_does_whatever_overtakes_what() {
    let bench = Bench::with_threads().await;
    assert_eq!(bench.door.submit(acknowledge(1)).await, Ok(Reply::Done));
    bench
        .until("the update to start", |bench| bench.outbox.is_empty() && !bench.outbox.is_idle())
        .await;
    assert_eq!(bench.door.submit(resolve(1)).await, Ok(Reply::Done));
    bench.gate.places.add_permits(10);
    bench.until("everything to end", |bench| bench.outbox.is_idle()).await;
    assert_eq!(bench.last().update, "resolved by Alice");
    assert_eq!(bench.last().incident.status, "resolved");
}
