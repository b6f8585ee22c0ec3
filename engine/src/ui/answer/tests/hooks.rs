//! Answers through a channel: who acts, on what, and what a receipt does.

use super::*;
use nightbell_core::model::{
    Action, Actor, Attempt, AttemptResult, ContactMethod, Delivery, IncidentId, Input, MethodId,
    TimelineKind,
};
use std::time::Duration;

/// The address of a channel's own door, as a path.
fn door(fixture: &Fixture, channel: &str) -> String {
    fixture.doors.links.channel_url("", channel)
}

fn says(fixture: &Fixture, answer: Answer) {
    *fixture.plugins.answer.lock().expect("no panic") = Some(answer);
}

fn answer(action: AnswerAction) -> Answer {
    let reply = Reply { status: 200, content_type: String::new(), body: "heard".into() };
    Answer { action, delivery: None, account: None, reply, changes: Vec::new() }
}

async fn deliveries(fixture: &Fixture) -> Vec<Arc<Delivery>> {
    fixture.doors.door.store().deliveries(IncidentId(1)).await.expect("deliveries")
}

async fn lines(fixture: &Fixture, matches: impl Fn(&TimelineKind) -> bool) -> usize {
    let timeline = fixture.doors.door.store().timeline(IncidentId(1)).await.expect("a timeline");
    timeline.iter().filter(|entry| matches(&entry.kind)).count()
}

async fn method(fixture: &Fixture, person: &str, channel: &str, address: &str, verified: bool) {
    let method = ContactMethod {
        id: MethodId::new(format!("{channel}-{address}")),
        channel: channel.to_owned(),
        address: address.to_owned(),
        verified,
        created_at: now(),
    };
    let action = Action::PutMethod { person: person.into(), method };
    let input = Input::Action { by: Actor::Engine, via: None, action };
    fixture.doors.door.submit(input).await.expect("decided");
}

/// Incident 1 with a page to alice, whose name is answered.
async fn paged(fixture: &Fixture) -> Arc<Delivery> {
    fixture.incident().await;
    deliveries(fixture).await[0].clone()
}

fn acknowledged_by(fixture: &Fixture) -> Option<String> {
    fixture.doors.door.view(|view| {
        let incident = view.state.incidents().last()?;
        incident.acknowledged_by.as_deref().map(str::to_owned)
    })
}

#[tokio::test]
async fn at_a_channels_own_door_the_owner_of_the_account_answers_the_delivery_named() {
    let fixture = Fixture::new();
    let page = paged(&fixture).await;
    says(
        &fixture,
        Answer {
            delivery: Some(page.id.clone()),
            account: Some("bob@example.org".to_owned()),
            ..answer(AnswerAction::Acknowledge)
        },
    );
    let answered = hook(&fixture, &format!("{}?a=1", door(&fixture, "email"))).await;
    assert_eq!((answered.status.as_u16(), answered.text()), (200, "heard"));
    assert_eq!(acknowledged_by(&fixture).as_deref(), Some("bob"));
    let called = fixture.plugins.called.lock().expect("no panic");
    assert_eq!(called[0].delivery, None, "the door knows of none");
    assert!(called[0].url.ends_with("?a=1"));
}

#[tokio::test]
async fn an_account_that_nobody_owns_acts_as_nobody_at_either_door() {
    let fixture = Fixture::new();
    let page = paged(&fixture).await;
    method(&fixture, "bob", "email", "new@example.org", false).await;
    let answering = Answering {
        delivery: page.id.clone(),
        incident: page.incident,
        person: page.person.clone(),
    };
    let minted = format!("/hooks/email/{}", fixture.doors.links.mint(&answering, now()));
    for (path, account) in [
        (door(&fixture, "email"), "stranger@example.org"),
        (door(&fixture, "email"), ""),
        (door(&fixture, "email"), "new@example.org"),
        (minted, "stranger@example.org"),
    ] {
        says(
            &fixture,
            Answer {
                delivery: Some(page.id.clone()),
                account: Some(account.to_owned()),
                ..answer(AnswerAction::Resolve)
            },
        );
        let answered = hook(&fixture, &path).await;
        assert_eq!(answered.status.as_u16(), 403, "{account}: it must not be thanked for");
        assert_eq!(answered.json()["type"], "urn:nightbell:problem:stranger");
        assert_eq!(status(&fixture), Some(IncidentStatus::Triggered), "{account}");
    }
    let refused = |kind: &TimelineKind| matches!(kind, TimelineKind::AnswerRefused { wanted, .. } if wanted == "resolve");
    assert_eq!(lines(&fixture, refused).await, 4, "and the incident shows it");
}

#[tokio::test]
async fn a_channels_own_door_acts_on_deliveries_of_that_channel_alone() {
    let fixture = Fixture::new();
    let page = paged(&fixture).await;
    let named = |id: &str| Answer {
        delivery: Some(id.into()),
        account: Some("bob@example.org".to_owned()),
        ..answer(AnswerAction::Acknowledge)
    };
    for (path, answer) in [
        (door(&fixture, "webhook"), named(page.id.as_str())),
        (door(&fixture, "email"), named("d-1-00000000000000000000000000000000")),
        (door(&fixture, "email"), named("d-99-00000000000000000000000000000000")),
        (door(&fixture, "email"), named("nonsense")),
        (door(&fixture, "email"), Answer { delivery: None, ..named("") }),
    ] {
        says(&fixture, answer);
        assert_eq!(hook(&fixture, &path).await.text(), "heard", "the other side is not at fault");
        assert_eq!(status(&fixture), Some(IncidentStatus::Triggered), "{path}");
    }
    let other = door(&fixture, "webhook");
    let token = other.rsplit('/').next().expect("a token");
    let before = fixture.plugins.called.lock().expect("no panic").len();
    for path in [format!("/hooks/email/{token}"), format!("{}A", door(&fixture, "email"))] {
        assert_eq!(hook(&fixture, &path).await.status.as_u16(), 404, "{path}");
    }
    assert_eq!(fixture.plugins.called.lock().expect("no panic").len(), before, "nobody was asked");
}

#[tokio::test]
async fn without_an_account_a_rooms_answer_acts_as_nobody() {
    let fixture = Fixture::new();
    let page = paged(&fixture).await;
    method(&fixture, "bob", "email", "alice@example.org", true).await;
    let unnamed =
        || Answer { delivery: Some(page.id.clone()), ..answer(AnswerAction::Acknowledge) };
    says(&fixture, unnamed());
    hook(&fixture, &door(&fixture, "email")).await;
    assert_eq!(acknowledged_by(&fixture), None, "alice and bob share the address");

    let fixture = Fixture::new();
    let page = paged(&fixture).await;
    says(&fixture, Answer { delivery: Some(page.id.clone()), ..answer(AnswerAction::Acknowledge) });
    hook(&fixture, &door(&fixture, "email")).await;
    assert_eq!(acknowledged_by(&fixture).as_deref(), Some("alice"), "it is hers alone");
}

#[tokio::test]
async fn i08_a_snooze_stays_within_its_bounds() {
    let day = Duration::from_secs(24 * 3_600);
    for (wanted, kept) in [
        (0, Duration::from_secs(60)),
        (59, Duration::from_secs(60)),
        (3_600, Duration::from_secs(3_600)),
        (u32::MAX, 7 * day),
    ] {
        let fixture = Fixture::new();
        let token = link(&fixture).await;
        says(&fixture, answer(AnswerAction::Snooze(wanted)));
        hook(&fixture, &format!("/hooks/email/{token}")).await;
        let until = fixture
            .doors
            .door
            .view(|view| view.state.incidents().last().and_then(|incident| incident.snoozed_until));
        let kept = jiff::SignedDuration::try_from(kept).expect("short");
        assert_eq!(until, Some(now() + kept), "{wanted}");
    }
}

#[tokio::test]
async fn i07_a_page_that_came_back_later_goes_on_to_the_next_method_once() {
    let fixture = Fixture::new();
    method(&fixture, "alice", "webhook", "https://example.org/x", true).await;
    let page = paged(&fixture).await;
    let result = AttemptResult::Delivered {
        receipt: None,
        thread: None,
        arrived: false,
        problems: Vec::new(),
    };
    let attempt = Attempt { delivery: page.clone(), started_at: now(), result };
    fixture.doors.door.submit(Input::Attempt(attempt)).await.expect("decided");
    for _ in 0..3 {
        says(
            &fixture,
            Answer {
                delivery: Some(page.id.clone()),
                ..answer(AnswerAction::Failed("unknown subscriber".to_owned()))
            },
        );
        assert_eq!(hook(&fixture, &door(&fixture, "email")).await.status.as_u16(), 200);
    }
    let all = deliveries(&fixture).await;
    let shown: Vec<_> = all.iter().map(|one| (one.channel.as_str(), one.is_pending())).collect();
    assert_eq!(shown, [("email", false), ("webhook", true)]);
    assert_eq!(all[0].last_error.as_deref(), Some("unknown subscriber"));
    let failed = |kind: &TimelineKind| matches!(kind, TimelineKind::DeliveryFailed { .. });
    assert_eq!(lines(&fixture, failed).await, 1);
}

#[tokio::test]
async fn an_arrival_that_is_told_later_is_kept() {
    let fixture = Fixture::new();
    let token = link(&fixture).await;
    says(&fixture, answer(AnswerAction::Delivered));
    for _ in 0..2 {
        hook(&fixture, &format!("/hooks/email/{token}")).await;
    }
    assert_eq!(lines(&fixture, |kind| matches!(kind, TimelineKind::Arrived { .. })).await, 1);
    let read = fixture.token(nightbell_core::model::TokenKind::Read).await;
    let shown = fixture.call("GET", "/api/v1/deliveries?incident=1", &read, None).await.json();
    assert_eq!(
        (&shown["items"][0]["arrived"], &shown["items"][0]["purpose"]),
        (&Value::Bool(true), &"page".into())
    );
}

#[tokio::test]
async fn admins_are_shown_the_door_of_each_channel_and_nothing_else() {
    let fixture = Fixture::new();
    let admin = fixture.token(nightbell_core::model::TokenKind::Admin).await;
    let shown = fixture.call("GET", "/api/v1/channels/email/hook", &admin, None).await;
    let url = fixture.doors.links.channel_url("http://127.0.0.1:7171", "email");
    assert_eq!(shown.json(), serde_json::json!({ "url": url }));
    for name in ["mute", "nagios", "pigeon"] {
        let path = format!("/api/v1/channels/{name}/hook");
        assert_eq!(fixture.call("GET", &path, &admin, None).await.status.as_u16(), 404, "{name}");
    }
}
