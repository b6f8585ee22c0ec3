//! A pressed button: checked with Slack's signature, then which delivery, what is wanted, and by whom.

use nightbell_plugin::secret::{self, Algorithm};
use nightbell_plugin::{Answer, AnswerAction, Failure, Request};
use serde::Deserialize;

use crate::address::is_id;
use crate::message::{ACKNOWLEDGE, RESOLVE};

/// The name of the secret, as the operator grants it.
const SECRET: &str = "signing_secret";
/// As old as a request may be, as Slack recommends it.
const TOLERANCE_S: u32 = 300;

/// What is read of an interaction payload.
#[derive(Debug, Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    user: Option<User>,
    #[serde(default)]
    actions: Vec<Action>,
}

#[derive(Debug, Deserialize)]
struct User {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Action {
    #[serde(default)]
    action_id: String,
    #[serde(default)]
    value: String,
}

/// Reads one request.
pub(crate) fn read(request: &Request) -> Result<Answer, Failure> {
    check(request)?;
    let pairs = request.form_pairs();
    let payload = pairs.iter().find(|(name, _)| name == "payload");
    let Some((_, text)) = payload else {
        return Err(Failure::permanent(
            "expected the form field `payload` of Slack's interactivity",
        ));
    };
    let payload: Payload = serde_json::from_str(text)
        .map_err(|error| Failure::permanent(format!("`payload`: {error}")))?;
    let wanted = payload.actions.iter().find_map(|action| match action.action_id.as_str() {
        ACKNOWLEDGE => Some((AnswerAction::Acknowledge, &action.value)),
        RESOLVE => Some((AnswerAction::Resolve, &action.value)),
        _ => None,
    });
    match (payload.kind.as_str(), wanted) {
        ("block_actions", Some((action, delivery))) => {
            let user = payload.user.map(|user| user.id).filter(|id| is_id(id));
            let user = user.ok_or_else(|| Failure::permanent("`payload`: expected `user.id`"))?;
            if delivery.is_empty() {
                return Err(Failure::permanent("`payload`: the button has no `value`"));
            }
            Ok(Answer::new(action).delivery(delivery.as_str()).account(user))
        }
        // A button that is only a link, or something else the app is used for.
        _ => Ok(Answer::nothing()),
    }
}

/// `X-Slack-Signature` is `v0=` and HMAC-SHA256 in hexadecimal over `v0:`, the time stamp, `:` and the raw body.
fn check(request: &Request) -> Result<(), Failure> {
    let header = |name: &str| {
        request.header(name).ok_or_else(|| {
            Failure::permanent(format!("expected the header `{name}`, there is none"))
        })
    };
    let (signature, at) = (header("x-slack-signature")?, header("x-slack-request-timestamp")?);
    if !secret::is_recent(at, request.now, TOLERANCE_S) {
        return Err(Failure::permanent(
            "the request is not of the last five minutes: it is sent again, or a clock is wrong",
        ));
    }
    let mut signed = format!("v0:{at}:").into_bytes();
    signed.extend_from_slice(&request.body);
    let hex = signature.strip_prefix("v0=").unwrap_or_default();
    if secret::verify_hex(SECRET, Algorithm::HmacSha256, &signed, hex)? {
        return Ok(());
    }
    Err(Failure::permanent(
        "the signature is wrong: it does not fit the body and the secret `signing_secret`",
    ))
}
