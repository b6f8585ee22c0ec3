//! What the other side tells after it took a message (I7), and answers that nobody may be held to have given.

use super::*;

impl World {
    /// Incident 1 whose page to alice was taken; alice has a webhook too.
    fn taken() -> (Self, Arc<Delivery>) {
        let mut world = Self::new();
        let (person, method) = ("alice".into(), method("webhook", true));
        world.act("alice", Action::PutMethod { person, method });
        world.trigger("disk");
        let page = world.state.deliveries().next().expect("a page").id.to_string();
        world.attempt(&page, done());
        let taken = world.last.changes.iter().find_map(|change| match change {
            Change::Delivery(delivery) => Some(delivery.clone()),
            _ => None,
        });
        (world, taken.expect("it was taken"))
    }

    fn receipt(&mut self, delivery: &Arc<Delivery>, outcome: ReceiptOutcome) -> &Transition {
        let delivery = delivery.clone();
        self.input(Input::Receipt(LateReceipt { delivery, outcome }))
    }
}

fn came_back() -> ReceiptOutcome {
    ReceiptOutcome::CameBack { reason: "no such number".to_owned() }
}

#[test]
fn i07_a_page_that_comes_back_goes_on_to_the_next_method_once() {
    let (mut world, page) = World::taken();
    assert_eq!(world.incident(1).escalation.reached, 1);
    world.receipt(&page, came_back());
    assert_eq!(world.pending(), ["alice via webhook"]);
    assert_eq!(world.incident(1).escalation.reached, 0);
    let state = world.state.clone();
    assert!(world.receipt(&page, came_back()).is_empty(), "told twice, it counts once");
    assert!(world.receipt(&page, ReceiptOutcome::Arrived).is_empty());
    assert_eq!(world.state, state);
}

#[test]
fn i07_when_the_last_method_comes_back_the_next_step_is_paged_at_once() {
    let (mut world, page) = World::taken();
    world.receipt(&page, came_back());
    let second = world.state.deliveries().next().expect("webhook").clone();
    world.attempt(second.id.as_str(), done());
    assert_eq!(world.incident(1).escalation.reached, 1);
    let taken = Delivery {
        status: DeliveryStatus::Delivered { at: world.now, receipt: None, arrived: false },
        ..(*second).clone()
    };
    world.receipt(&Arc::new(taken), came_back());
    assert_eq!(world.pending(), ["bob via email"]);
}

#[test]
fn a_page_that_comes_back_while_another_arrived_leaves_the_step_its_time() {
    let (mut world, page) = World::taken();
    world.receipt(&page, came_back());
    let second = world.state.deliveries().next().expect("webhook").id.to_string();
    world.attempt(&second, done());
    // The first page's failure is told once more, by then about a phase that reached somebody.
    world.receipt(&page, came_back());
    assert_eq!(world.pages().len(), 2);
    assert_eq!(world.incident(1).escalation.reached, 1);
}

#[test]
fn an_arrival_is_noted_once_and_a_later_failure_is_not_believed() {
    let (mut world, page) = World::taken();
    world.receipt(&page, ReceiptOutcome::Arrived);
    assert!(world.has(|kind| matches!(kind, TimelineKind::Arrived { .. })));
    assert!(world.receipt(&page, ReceiptOutcome::Arrived).is_empty());
    assert!(world.receipt(&page, came_back()).is_empty());
    assert_eq!(world.incident(1).escalation.reached, 1);
}

#[test]
fn a_receipt_that_is_quicker_than_its_attempt_counts_for_it() {
    for (outcome, reached) in [(ReceiptOutcome::Arrived, 1), (came_back(), 0)] {
        let mut world = World::new();
        let (person, method) = ("alice".into(), method("webhook", true));
        world.act("alice", Action::PutMethod { person, method });
        world.trigger("disk");
        let page = world.state.deliveries().next().expect("a page").clone();
        world.receipt(&page, outcome);
        let pending = world.pending();
        let started_at = world.now;
        world.input(Input::Attempt(Attempt { delivery: page, started_at, result: done() }));
        assert_eq!(world.incident(1).escalation.reached, reached);
        assert_eq!(world.pending(), pending);
        assert!(!world.has(|kind| matches!(kind, TimelineKind::Delivered { .. })));
    }
}

#[test]
fn i12_a_page_that_comes_back_after_the_answer_pages_nobody() {
    let (mut world, page) = World::taken();
    world.act("alice", Action::Acknowledge(FIRST));
    world.receipt(&page, came_back());
    assert_eq!(world.pending(), Vec::<String>::new());
    assert!(world.has(|kind| matches!(kind, TimelineKind::DeliveryFailed { .. })), "I6");
}

#[test]
fn what_was_cancelled_or_failed_stays_so() {
    let (mut world, page) = World::taken();
    for status in [
        DeliveryStatus::Cancelled { at: world.now, reason: "acknowledged".to_owned() },
        DeliveryStatus::Failed { at: world.now, reason: "no route".to_owned() },
        DeliveryStatus::Delivered { at: world.now, receipt: None, arrived: true },
    ] {
        let ended = Arc::new(Delivery { status, id: "d-1-x".into(), ..(*page).clone() });
        assert!(world.receipt(&ended, came_back()).is_empty());
        assert!(world.receipt(&ended, ReceiptOutcome::Arrived).is_empty());
    }
}

#[test]
fn problems_of_a_page_that_went_out_are_shown() {
    let mut world = World::new();
    world.trigger("disk");
    let page = world.state.deliveries().next().expect("a page").id.to_string();
    let problems = vec!["the image is too large".to_owned()];
    let result = AttemptResult::Delivered { receipt: None, thread: None, arrived: true, problems };
    world.attempt(&page, result);
    assert!(world.has(|kind| matches!(kind,
        TimelineKind::Delivered { problems, .. } if problems == &["the image is too large"])));
}

#[test]
fn refused_answers_are_shown_and_cannot_fill_the_timeline() {
    let mut world = World::new();
    world.trigger("disk");
    let answer = RefusedAnswer {
        incident: FIRST,
        channel: "slack".to_owned(),
        wanted: "acknowledge".to_owned(),
        reason: "nobody's verified contact method has this address".to_owned(),
    };
    for _ in 0..100 {
        world.input(Input::RefusedAnswer(answer.clone()));
    }
    let refused = |entry: &&TimelineEntry| matches!(entry.kind, TimelineKind::AnswerRefused { .. });
    assert_eq!(world.timeline.iter().filter(refused).count(), 20);
    assert_eq!(world.incident(1).status, IncidentStatus::Triggered);
}
