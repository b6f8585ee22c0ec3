//! Words to a person that are about no incident.

use super::*;
use crate::notify;

impl World {
    /// As a decision would tell alice, who has e-mail (verified), a webhook (verified) and a phone (not).
    fn with_methods() -> Self {
        let mut world = Self::new();
        for (id, verified) in [("webhook", true), ("phone", false)] {
            let (person, method) = ("alice".into(), method(id, verified));
            world.act("alice", Action::PutMethod { person, method });
        }
        world
    }

    fn tell(&mut self, kind: NoticeKind, key: &str) -> bool {
        let view = View { directory: &self.directory, state: &self.state };
        let mut draft = Draft::new(view, self.now, Actor::Engine);
        let notice = Notice { kind, subject: "news".to_owned(), text: "all of it".to_owned() };
        let told = notify::notice(&mut draft, &"alice".into(), key, notice);
        let changes = draft.transition.changes;
        self.state.apply(&changes);
        told
    }

    fn first(&self) -> String {
        self.state.deliveries().next().expect("a notice").id.to_string()
    }
}

#[test]
fn a_notice_takes_the_method_of_the_first_rule_for_what_can_wait() {
    let mut world = World::with_methods();
    assert!(world.tell(NoticeKind::Handoff, "a"));
    assert_eq!(world.pending(), ["alice via email"]);
    let rules = vec![rule(Urgency::High, "email", 0), rule(Urgency::Low, "webhook", 5)];
    world.act("alice", Action::SetRules { person: "alice".into(), rules });
    assert!(world.tell(NoticeKind::Handoff, "b"));
    assert_eq!(world.pending().len(), 2);
    assert!(world.pending().contains(&"alice via webhook".to_owned()));
}

#[test]
fn i04_what_a_notice_is_about_is_its_name() {
    let mut world = World::with_methods();
    world.tell(NoticeKind::Handoff, "shift 1");
    world.tell(NoticeKind::Handoff, "shift 1");
    assert_eq!(world.pending().len(), 1);
    world.tell(NoticeKind::Handoff, "shift 2");
    world.tell(NoticeKind::Gap, "shift 1");
    assert_eq!(world.pending().len(), 3);
}

#[test]
fn a_notice_that_cannot_be_brought_goes_to_the_next_verified_method_and_then_ends() {
    let mut world = World::with_methods();
    world.tell(NoticeKind::Gap, "a");
    world.attempt(&world.first(), fail(FailureKind::Permanent));
    assert_eq!(world.pending(), ["alice via webhook"], "the phone is not verified");
    world.attempt(&world.first(), fail(FailureKind::BadAddress));
    assert_eq!(
        world.pending(),
        ["alice via email"],
        "told that the webhook is gone, and nothing else"
    );
}

#[test]
fn a_notice_about_its_method_goes_nowhere_else() {
    for kind in [NoticeKind::Test, NoticeKind::Verification] {
        let mut world = World::with_methods();
        world.tell(kind, "a");
        world.attempt(&world.first(), fail(FailureKind::Permanent));
        assert!(world.pending().is_empty(), "{kind:?}");
    }
}

#[test]
fn a_notice_is_tried_again_and_ends_when_it_is_taken() {
    let mut world = World::with_methods();
    world.tell(NoticeKind::Test, "a");
    world.attempt(&world.first(), fail(FailureKind::Transient { retry_after_s: None }));
    assert_eq!(world.pending(), ["alice via email"]);
    world.attempt(&world.first(), done());
    assert!(world.pending().is_empty());
    assert_eq!(invariant::violations(&world.state), Vec::<String>::new());
}

#[test]
fn nobody_is_told_without_a_verified_method() {
    let mut world = World::new();
    let (person, method) = ("alice".into(), "email".into());
    world.act("alice", Action::RemoveMethod { person, method });
    assert!(!world.tell(NoticeKind::Handoff, "a"));
    assert!(world.pending().is_empty());
}
