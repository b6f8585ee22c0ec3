//! Who calls, and what they may do: `read` reads, `person` acts as that person, `admin` does everything.

use super::Problem;
use crate::server::Doors;
use crate::token;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use nightbell_core::model::{Actor, PersonId, Token, TokenKind, Via};
use std::sync::Arc;

/// Somebody with a valid token.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Token>);

impl Caller {
    /// In whose name decisions are made. A read token has none.
    pub fn actor(&self) -> Option<Actor> {
        match &self.0.kind {
            TokenKind::Read | TokenKind::Feed(_) => None,
            TokenKind::Person(person) => Some(Actor::Person(person.clone())),
            TokenKind::Admin => Some(Actor::Admin(self.0.name.clone())),
        }
    }

    /// Whether this is an admin.
    pub fn is_admin(&self) -> bool {
        self.0.kind == TokenKind::Admin
    }

    /// Whether this is an admin, or the person themself.
    pub fn is_self_or_admin(&self, person: &PersonId) -> bool {
        self.is_admin() || self.0.kind == TokenKind::Person(person.clone())
    }
}

/// Finds out whose token a request carries.
///
/// # Errors
/// 401 without a token, or with one that is not valid.
pub(crate) fn caller(doors: &Doors, headers: &HeaderMap) -> Result<Caller, Problem> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(value) = value else {
        return Err(Problem::unauthorized("expected `authorization: Bearer nb_…`, got none"));
    };
    let plain = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(Problem::unauthorized("expected `authorization: Bearer nb_…`")),
    };
    let now = doors.now();
    doors.door.view(|view| {
        let token = token::verify(plain, view.state, now)
            .map_err(|error| Problem::unauthorized(error.to_string()))?;
        match &token.kind {
            TokenKind::Person(person) if !view.directory.people.contains_key(person) => {
                Err(Problem::unauthorized("the person of this token is not in the configuration"))
            }
            TokenKind::Feed(_) => Err(Problem::unauthorized(
                "this is the secret of a calendar feed; it opens that feed and nothing else",
            )),
            TokenKind::Read | TokenKind::Person(_) | TokenKind::Admin => Ok(Caller(token)),
        }
    })
}

/// Lets only valid tokens through, and read tokens only to what changes nothing.
pub(super) async fn authenticate(
    State(doors): State<Arc<Doors>>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match caller(&doors, request.headers()) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && caller.actor().is_none() {
        let detail = "a read token only reads; use a token of a person or an admin";
        return Problem::forbidden(detail).into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::unauthorized("expected `authorization: Bearer nb_…`"))
    }
}

/// A person or an admin: somebody in whose name something can be decided.
#[derive(Clone, Debug)]
pub(super) struct Acting {
    pub(super) caller: Caller,
    pub(super) actor: Actor,
    /// The command line is a client of the API that says who it is; for the record only.
    pub(super) via: Via,
}

/// How the command line begins to introduce itself.
pub(crate) const CLI_AGENT: &str = "nightbell-cli/";

fn via(headers: &HeaderMap) -> Via {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if agent.is_some_and(|agent| agent.starts_with(CLI_AGENT)) { Via::Cli } else { Via::Api }
}

impl<S: Send + Sync> FromRequestParts<S> for Acting {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.actor() {
            Some(actor) => Ok(Self { caller, actor, via: via(&parts.headers) }),
            None => Err(Problem::forbidden("this needs a token of a person or an admin")),
        }
    }
}

impl Acting {
    /// # Errors
    /// 403 unless this is an admin or the person themself.
    pub(super) fn owns(&self, person: &PersonId) -> Result<(), Problem> {
        if self.caller.is_self_or_admin(person) {
            return Ok(());
        }
        Err(Problem::forbidden("only the person themself and admins may change how they are told"))
    }
}

/// An admin.
#[derive(Clone, Debug)]
pub(crate) struct Admin(pub(crate) Actor);

impl Admin {
    /// # Errors
    /// 403 for any other caller.
    pub(crate) fn of(caller: &Caller) -> Result<Self, Problem> {
        match caller.actor() {
            Some(actor) if caller.is_admin() => Ok(Self(actor)),
            _ => Err(Problem::forbidden("this needs a token of an admin")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Self::of(&Caller::from_request_parts(parts, state).await?)
    }
}
