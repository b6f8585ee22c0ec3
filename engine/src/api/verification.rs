//! Proving that an address works: a code that its owner enters, and a test page. Both are limited, per address and per person.

use super::auth::Acting;
use super::input::{Given, unknown};
use super::people::{Method, shown_method, whose};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use crate::token::random;
use crate::ui::answer::CodeFor;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use nightbell_core::model::{Action, ContactMethod, MethodId, PersonId};
use nightbell_core::notify;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A code has six digits.
const CODE_DIGITS: usize = 6;

/// Sends a code of six digits to a contact method that is not verified, or is marked undeliverable. It holds for 10 minutes and for 5 tries;
/// a newer one takes its place. At most 3 an hour go to one method; codes and tests of one person together are at most 12 an hour.
/// The code is written down nowhere.
#[utoipa::path(post, path = "/api/v1/people/{id}/contact-methods/{method}/verification", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`"), ("method" = String, Path)),
    responses((status = 202, body = Method, description = "It is on its way"), Refused))]
pub(super) async fn send(
    State(doors): State<Arc<Doors>>,
    Path((id, method)): Path<(String, String)>,
    acting: Acting,
) -> Result<(StatusCode, Json<Method>), Problem> {
    let person = whose(&acting.caller, &id);
    acting.owns(&person)?;
    let method = known(&doors, &person, &method)?.id;
    let salt = random::<32>();
    let made_of = CodeFor { person: &person, method: &method, salt: &salt };
    let proof = doors.links.proof(&made_of, &doors.links.code(&made_of));
    let (whose, which) = (person.clone(), method.clone());
    let action = Action::SendCode { person: whose, method: which, salt, proof };
    submit(&doors, acting.actor, action).await?;
    shown(&doors, &person, &method).map(|method| (StatusCode::ACCEPTED, method))
}

/// The code that came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Entered {
    /// Six digits; spaces and hyphens between them do not matter.
    code: String,
}

impl Entered {
    fn digits(&self) -> Result<String, Problem> {
        let wide = |c: char| match c {
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
            c => c,
        };
        let kept = self.code.chars().filter(|c| !c.is_whitespace() && *c != '-').map(wide);
        let digits: String = kept.take(CODE_DIGITS + 1).collect();
        if digits.len() == CODE_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Ok(digits);
        }
        let detail = format!("`code`: expected the {CODE_DIGITS} digits that were sent");
        Err(Problem::invalid(detail).about("code"))
    }
}

/// Confirms a contact method with the code that was sent to it: from now on it is used, and no longer marked undeliverable. A wrong code
/// counts; after 5 the code no longer holds.
#[utoipa::path(post, path = "/api/v1/people/{id}/contact-methods/{method}/verification/confirm", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`"), ("method" = String, Path)), request_body = Entered,
    responses((status = 200, body = Method), Refused))]
pub(super) async fn confirm(
    State(doors): State<Arc<Doors>>,
    Path((id, method)): Path<(String, String)>,
    acting: Acting,
    Given(entered): Given<Entered>,
) -> Result<Json<Method>, Problem> {
    let person = whose(&acting.caller, &id);
    acting.owns(&person)?;
    let method = known(&doors, &person, &method)?;
    let digits = entered.digits()?;
    let salt = doors.door.view(|view| {
        let check = view.state.people().check(&person, &method)?;
        check.code.as_ref().map(|code| code.salt)
    });
    // Without a code any proof is refused: the decision says so, not this look at what may have changed since.
    let salt = salt.unwrap_or_default();
    let made_of = CodeFor { person: &person, method: &method.id, salt: &salt };
    let proof = doors.links.proof(&made_of, &digits);
    let (whose, which) = (person.clone(), method.id.clone());
    let action = Action::ConfirmCode { person: whose, method: which, proof };
    submit(&doors, acting.actor, action).await?;
    shown(&doors, &person, &method.id)
}

/// Sends a test page to a verified contact method; how it went is shown with the method. One that is delivered takes the mark of an
/// undeliverable method away. At most 5 an hour for one method; codes and tests of one person together are at most 12 an hour.
#[utoipa::path(post, path = "/api/v1/people/{id}/contact-methods/{method}/test", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`"), ("method" = String, Path)),
    responses((status = 202, body = Method, description = "It is on its way"), Refused))]
pub(super) async fn test(
    State(doors): State<Arc<Doors>>,
    Path((id, method)): Path<(String, String)>,
    acting: Acting,
) -> Result<(StatusCode, Json<Method>), Problem> {
    let person = whose(&acting.caller, &id);
    acting.owns(&person)?;
    let method = known(&doors, &person, &method)?.id;
    let (whose, which) = (person.clone(), method.clone());
    submit(&doors, acting.actor, Action::TestMethod { person: whose, method: which }).await?;
    shown(&doors, &person, &method).map(|method| (StatusCode::ACCEPTED, method))
}

fn known(doors: &Doors, person: &PersonId, id: &str) -> Result<ContactMethod, Problem> {
    doors.door.view(|view| {
        if !view.directory.people.contains_key(person) {
            return Err(unknown("person", person.as_str()));
        }
        let methods = notify::profile(view, person).methods;
        let method = methods.into_iter().find(|method| method.id.as_str() == id);
        method.ok_or_else(|| unknown("contact method", id))
    })
}

/// The method as it is now, to its owner or an admin.
fn shown(doors: &Doors, person: &PersonId, id: &MethodId) -> Result<Json<Method>, Problem> {
    let method = known(doors, person, id.as_str())?;
    Ok(Json(doors.door.view(|view| shown_method(view, person, &method, true))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let read = |code: &str| Entered { code: code.to_owned() }.digits().ok();
        for text in ["012345", " 012 345 ", "012-345", "０１２３４５"] {
            assert_eq!(read(text).as_deref(), Some("012345"), "{text}");
        }
        for text in ["", "12345", "1234567", "12345x", "１２３", &"1".repeat(10_000)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
