//! People, their contact methods and their notification rules. Each person's belong to that person: others see them
//! with the address hidden, and only the person and admins change them.
//!
//! A method is used only once it is verified: by its owner with a code (`verification`), or by an admin who vouches for it. In a
//! path `me` is the person whose token it is.

use super::auth::{Acting, Caller};
use super::duration::{self, Duration};
use super::input::{Asked, Given, text, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use crate::token::fresh_id;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{
    Action, Actor, ContactMethod, MethodId, NotificationRule, Person as Known, PersonId, Profile,
    TestOutcome, Urgency, View,
};
use nightbell_core::notify;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest address, in bytes.
const ADDRESS_MAX_BYTES: usize = 1_024;
/// Rules of one person; the core bounds them too.
const RULES_MAX: usize = 32;

/// A person, as the configuration has them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    id: String,
    name: String,
    /// IANA name.
    time_zone: String,
    /// BCP 47: the person's own choice, else the configuration's.
    language: String,
}

fn show_person(view: View<'_>, person: &Known) -> Person {
    Person {
        id: person.id.to_string(),
        name: person.name.clone(),
        time_zone: person.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        language: notify::language_tag(view, &person.id),
    }
}

/// Whom an id in a path means: `me` is the person whose token it is, anything else a person's id.
pub(super) fn whose(caller: &Caller, id: &str) -> PersonId {
    match (id, caller.actor()) {
        ("me", Some(Actor::Person(own))) => own,
        _ => PersonId::new(id),
    }
}

/// Lists people by id.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(Paging),
    responses((status = 200, body = List<Person>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Person>>, Problem> {
    doors
        .door
        .view(|view| {
            paging.cut(
                view.directory.people.values(),
                |person| person.id.as_str(),
                |person| show_person(view, person),
            )
        })
        .map(Json)
}

/// Shows one person.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`")), responses((status = 200, body = Person), Refused))]
pub(super) async fn one(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Person>, Problem> {
    let id = whose(&caller, &id);
    doors.door.view(|view| {
        let known = view.directory.people.get(&id);
        let known = known.ok_or_else(|| unknown("person", id.as_str()))?;
        Ok(Json(show_person(view, known)))
    })
}

/// An address on one channel.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Method {
    id: String,
    /// The channel plugin.
    channel: String,
    /// In the channel's terms; only its beginning unless you are the person or an admin.
    address: String,
    /// Only verified methods are used.
    verified: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until then the code that was sent can be entered.
    #[schema(value_type = Option<String>, format = DateTime)]
    code_expires_at: Option<Timestamp>,
    /// The last test page.
    test: Option<Test>,
    /// Set while nobody can be reached there: it is not used while there is another.
    undeliverable: Option<Undeliverable>,
}

/// How a test page went.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Test {
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// `under-way`, `delivered` or `failed`.
    status: &'static str,
    /// When it was delivered or failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Why it failed; only to the person and admins.
    reason: Option<String>,
}

/// Why nobody can be reached there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Undeliverable {
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// In the channel's words; only to the person and admins.
    reason: Option<String>,
}

/// A method with what is known of it, as its owner sees it or as others do.
pub(super) fn shown_method(
    view: View<'_>,
    person: &PersonId,
    method: &ContactMethod,
    own: bool,
) -> Method {
    let shown = show(method, own);
    let Some(check) = view.state.people().check(person, method) else { return shown };
    let reason = |reason: &String| own.then(|| reason.clone());
    let test = check.test.as_ref().map(|test| {
        let (status, ended_at, reason) = match &test.outcome {
            TestOutcome::UnderWay => ("under-way", None, None),
            TestOutcome::Delivered { at } => ("delivered", Some(*at), None),
            TestOutcome::Failed { at, reason: why } => ("failed", Some(*at), reason(why)),
        };
        Test { asked_at: test.asked_at, status, ended_at, reason }
    });
    let undeliverable = check.undeliverable.as_ref();
    Method {
        code_expires_at: check.code.as_ref().map(|code| code.expires_at),
        test,
        undeliverable: undeliverable
            .map(|mark| Undeliverable { since: mark.since, reason: reason(&mark.reason) }),
        ..shown
    }
}

fn show(method: &ContactMethod, own: bool) -> Method {
    let address = match own {
        true => method.address.clone(),
        false => method.address.chars().take(2).chain("…".chars()).collect(),
    };
    Method {
        id: method.id.to_string(),
        channel: method.channel.clone(),
        address,
        verified: method.verified,
        created_at: method.created_at,
        code_expires_at: None,
        test: None,
        undeliverable: None,
    }
}

/// What holds for a person now: their own choices, or the defaults.
pub(super) fn profile(doors: &Doors, person: &PersonId) -> Result<Profile, Problem> {
    doors.door.view(|view| match view.directory.people.contains_key(person) {
        true => Ok(notify::profile(view, person)),
        false => Err(unknown("person", person.as_str())),
    })
}

/// Lists a person's contact methods in their order of preference, all of them.
#[utoipa::path(get, path = "/api/v1/people/{id}/contact-methods", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`")), responses((status = 200, body = List<Method>), Refused))]
pub(super) async fn methods(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<List<Method>>, Problem> {
    let person = whose(&caller, &id);
    let profile = profile(&doors, &person)?;
    let own = caller.is_self_or_admin(&person);
    let items = doors.door.view(|view| {
        let methods = profile.methods.iter();
        methods.map(|method| shown_method(view, &person, method, own)).collect()
    });
    Ok(Json(List { items, next: None }))
}

/// A new address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMethod {
    /// A channel plugin's name.
    channel: String,
    /// In the channel's terms: a mail address, a URL, a number.
    address: String,
    /// Admins only.
    #[serde(default)]
    verified: bool,
}

/// Adds a contact method, or verifies the one that is there. The channel checks the address and says how it is usually written; one that cannot be is refused
/// in the channel's words, and so is one that the person has already. It is used once it is verified; `"verified": true` is for admins; with
/// it an address that is there already, not verified, becomes verified.
#[utoipa::path(post, path = "/api/v1/people/{id}/contact-methods", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`")), request_body = NewMethod,
    responses((status = 201, body = Method), (status = 200, body = Method, description = "It is verified now"), Refused))]
pub(super) async fn add_method(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<NewMethod>,
) -> Result<(StatusCode, Json<Method>), Problem> {
    let person = whose(&acting.caller, &id);
    acting.owns(&person)?;
    let known = profile(&doors, &person)?;
    if new.verified && !acting.caller.is_admin() {
        return Err(Problem::forbidden("only an admin may say that an address is verified"));
    }
    let channel = channel(&doors, &new.channel)?;
    let entered = text(&new.address, "address", ADDRESS_MAX_BYTES)
        .map_err(|problem| problem.about("address"))?;
    let address = usual_form(&doors, &channel, &entered).await?;
    let unverified =
        |one: &ContactMethod| !one.verified && one.channel == channel && one.address == address;
    let (status, method) = match known.methods.into_iter().find(unverified) {
        Some(there) if new.verified => (StatusCode::OK, ContactMethod { verified: true, ..there }),
        _ => {
            let (id, verified) = (MethodId::new(fresh_id()), new.verified);
            let created_at = doors.now();
            let method = ContactMethod { id, channel, address, verified, created_at };
            (StatusCode::CREATED, method)
        }
    };
    let shown = show(&method, true);
    submit(&doors, acting.actor, Action::PutMethod { person, method }).await?;
    Ok((status, Json(shown)))
}

/// A channel that exists, whether or not it works now.
pub(super) fn channel(doors: &Doors, name: &str) -> Result<String, Problem> {
    let names: Vec<String> = doors.plugins.channels().into_iter().map(|one| one.name).collect();
    if names.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let names = names.join("`, `");
    let detail = format!("`channel`: expected a channel plugin, one of `{names}`");
    Err(Problem::invalid(detail).about("channel"))
}

/// An address as its channel writes it. Nothing is sent to it.
async fn usual_form(doors: &Doors, channel: &str, entered: &str) -> Result<String, Problem> {
    let cannot = |why: &str| {
        // The rest of a failure is for the operator, who finds it with the plugin.
        let why = why.lines().next().unwrap_or_default();
        Problem::unavailable(format!(
            "channel `{channel}` cannot check the address now ({why}); nothing was stored: send it again, and when \
             it goes on an admin should look at `nightbell plugin list`"
        ))
    };
    match doors.plugins.validate(channel, entered, doors.now()).await {
        Ok(Ok(address)) => text(&address, "address", ADDRESS_MAX_BYTES)
            .map_err(|_| cannot("it answered an address that cannot be one")),
        Ok(Err(why)) => Err(Problem::invalid(format!("`address`: {why}")).about("address")),
        Err(failure) => Err(cannot(&failure.message)),
    }
}

/// Takes a contact method away, with the rules that use it.
#[utoipa::path(delete, path = "/api/v1/people/{id}/contact-methods/{method}", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`"), ("method" = String, Path)),
    responses((status = 204, description = "It is gone"), Refused))]
pub(super) async fn remove_method(
    State(doors): State<Arc<Doors>>,
    Path((id, method)): Path<(String, String)>,
    acting: Acting,
) -> Result<StatusCode, Problem> {
    let person = whose(&acting.caller, &id);
    acting.owns(&person)?;
    profile(&doors, &person)?;
    let method = MethodId::new(method);
    submit(&doors, acting.actor, Action::RemoveMethod { person, method }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// "For this urgency, through this method, after this long."
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rule {
    /// `high` or `low`.
    urgency: &'static str,
    /// The id of a contact method.
    contact_method: String,
    /// `0s`, `5m`: how long after the person's turn came.
    delay: String,
}

fn rules_of(profile: &Profile) -> Json<List<Rule>> {
    let items = profile.rules.iter().map(|rule| Rule {
        urgency: rule.urgency.as_str(),
        contact_method: rule.method.to_string(),
        delay: duration::show(rule.delay),
    });
    Json(List { items: items.collect(), next: None })
}

/// Lists a person's notification rules in their order, all of them.
#[utoipa::path(get, path = "/api/v1/people/{id}/notification-rules", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`")), responses((status = 200, body = List<Rule>), Refused))]
pub(super) async fn rules(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<List<Rule>>, Problem> {
    profile(&doors, &whose(&caller, &id)).map(|profile| rules_of(&profile))
}

/// A new rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRule {
    /// `high` or `low`.
    urgency: String,
    /// The id of a contact method.
    contact_method: String,
    /// `5m`, or seconds.
    delay: Duration,
}

fn rule(new: &NewRule) -> Result<NotificationRule, Problem> {
    let urgency = match new.urgency.as_str() {
        "high" => Urgency::High,
        "low" => Urgency::Low,
        _ => return Err(Problem::invalid("`urgency`: expected `high` or `low`")),
    };
    let delay = new.delay.read("delay")?;
    Ok(NotificationRule { urgency, method: MethodId::new(&new.contact_method), delay })
}

/// Replaces all notification rules of a person.
#[utoipa::path(put, path = "/api/v1/people/{id}/notification-rules", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`")), request_body = Vec<NewRule>,
    responses((status = 200, body = List<Rule>), Refused))]
pub(super) async fn set_rules(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<Vec<NewRule>>,
) -> Result<Json<List<Rule>>, Problem> {
    let person = whose(&acting.caller, &id);
    acting.owns(&person)?;
    let mut profile = profile(&doors, &person)?;
    if new.len() > RULES_MAX {
        let got = new.len();
        return Err(Problem::invalid(format!("expected at most {RULES_MAX} rules, got {got}")));
    }
    let rules = new.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let unknown = |rule: &&NotificationRule| !profile.methods.iter().any(|m| m.id == rule.method);
    if let Some(rule) = rules.iter().find(unknown) {
        let detail = format!("`contact_method`: no contact method `{}`", rule.method);
        return Err(Problem::invalid(detail));
    }
    profile.rules.clone_from(&rules);
    submit(&doors, acting.actor, Action::SetRules { person, rules }).await?;
    Ok(rules_of(&profile))
}
