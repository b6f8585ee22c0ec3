//! Words about no incident, through pipeline and dispatcher.

use super::*;
use crate::plugin::Purpose;
use nightbell_core::model::{Draft, Notice, NoticeKind, View};
use nightbell_core::notify;

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_reaches_the_channel_and_leaves_nothing_open() {
    let bench = Bench::start(10);
    bench.trigger("disk").await;
    bench.until("the page", |bench| bench.sent() == 1).await;
    let changes = bench.door.view(|view: View<'_>| {
        let mut draft = Draft::new(view, crate::clock::now(), Actor::Engine);
        let (subject, text) = ("Your shift begins".to_owned(), "primary, until Monday".to_owned());
        let notice = Notice { kind: NoticeKind::Handoff, subject, text };
        assert!(notify::notice(&mut draft, &"alice".into(), "shift 1", notice));
        draft.transition.changes
    });
    let note = Action::Note { incident: IncidentId(1), text: "meanwhile".to_owned() };
    let input = Input::Action { by: Actor::Person("alice".into()), via: None, action: note };
    assert_eq!(bench.door.submit_with(input, changes).await, Ok(Reply::Done));
    bench.until("the notice", |bench| bench.sent() == 2).await;
    let notice = bench.gate.sent.lock().expect("lock").last().expect("sent").clone();
    assert_eq!(notice.purpose, Purpose::Notice);
    assert_eq!(
        (&*notice.incident.title, &*notice.update),
        ("Your shift begins", "primary, until Monday")
    );
    assert!(notice.answers.acknowledge.is_none() && notice.callback_url.is_none());
    let none_left = |bench: &Bench| bench.door.view(|view| view.state.deliveries().count()) == 0;
    bench.until("the record of it", none_left).await;
}
