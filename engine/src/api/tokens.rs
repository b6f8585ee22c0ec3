//! API tokens: made and revoked by admins; the text is shown once.

use super::auth::Admin;
use super::input::{Asked, Given, text, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use crate::token::mint;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{Action, PersonId, Token as Domain, TokenId, TokenKind};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest name, in bytes.
const NAME_MAX_BYTES: usize = 200;

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    /// The public part.
    id: String,
    /// `read`, `person` or `admin`; `feed` for the secret of a calendar feed.
    kind: &'static str,
    /// Whom a `person` token stands for; who made a feed.
    person: Option<String>,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// The token itself: shown only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

fn show(token: &Domain, plain: Option<String>) -> Token {
    let (kind, person) = match &token.kind {
        TokenKind::Read => ("read", None),
        TokenKind::Person(person) => ("person", Some(person.to_string())),
        TokenKind::Admin => ("admin", None),
        TokenKind::Feed(feed) => ("feed", feed.made_by.as_ref().map(ToString::to_string)),
    };
    Token {
        id: token.id.to_string(),
        kind,
        person,
        name: token.name.clone(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        token: plain,
    }
}

/// Lists tokens by id, without their texts. Admins only.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", params(Paging),
    responses((status = 200, body = List<Token>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    _: Admin,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Token>>, Problem> {
    doors
        .door
        .view(|view| {
            paging.cut(view.state.tokens(), |token| token.id.as_str(), |token| show(token, None))
        })
        .map(Json)
}

/// What kind of token, and for what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// `read`, `person` or `admin`.
    kind: String,
    /// Whom a `person` token stands for.
    person: Option<String>,
    /// What it is for.
    name: String,
    /// Never when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

fn kind(doors: &Doors, new: &NewToken) -> Result<TokenKind, Problem> {
    match (new.kind.as_str(), &new.person) {
        ("read", None) => Ok(TokenKind::Read),
        ("admin", None) => Ok(TokenKind::Admin),
        ("person", Some(person)) => {
            let person = PersonId::new(person);
            let known = doors.door.view(|view| view.directory.people.contains_key(&person));
            if known {
                return Ok(TokenKind::Person(person));
            }
            Err(Problem::invalid(format!("no person `{person}` in the configuration")))
        }
        ("person", None) => Err(Problem::invalid("`person`: expected a person's id")),
        ("read" | "admin", Some(_)) => {
            Err(Problem::invalid("`person`: expected only with the kind `person`"))
        }
        _ => Err(Problem::invalid("`kind`: expected `read`, `person` or `admin`")),
    }
}

/// Makes a token. Its text is in the answer and nowhere else. Admins only.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, body = Token), Refused))]
pub(super) async fn create(
    State(doors): State<Arc<Doors>>,
    Admin(actor): Admin,
    Given(new): Given<NewToken>,
) -> Result<(StatusCode, Json<Token>), Problem> {
    let now = doors.now();
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::invalid("`expires_at`: expected a time in the future"));
    }
    let name = text(&new.name, "name", NAME_MAX_BYTES)?;
    let (plain, token) = mint(kind(&doors, &new)?, &name, now, new.expires_at);
    let shown = show(&token, Some(plain));
    submit(&doors, actor, Action::PutToken(token)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Revokes a token, at once. The last admin token that does not expire cannot be: make another first.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 204, description = "It is gone"), Refused))]
pub(super) async fn revoke(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Admin(actor): Admin,
) -> Result<StatusCode, Problem> {
    let token = TokenId::new(&id);
    let lasting = |one: &&Arc<Domain>| one.kind == TokenKind::Admin && one.expires_at.is_none();
    let (known, last) = doors.door.view(|view| {
        let known = view.state.token(&token);
        let last =
            known.as_ref().is_some_and(lasting) && view.state.tokens().filter(lasting).count() == 1;
        (known.is_some(), last)
    });
    if !known {
        return Err(unknown("token", &id));
    }
    if last {
        return Err(Problem::conflict(
            "this is the last admin token that does not expire; make another first",
        ));
    }
    submit(&doors, actor, Action::RevokeToken(token)).await?;
    Ok(StatusCode::NO_CONTENT)
}
