//! One notification through its channel, and answers from the outside back through it.

use super::bounds;
use super::context::Outside;
use super::core::Core;
use super::fault::{Cause, Fault};
use super::from_guest;
use super::guest::{Ask, Said};
use super::installed::{Call, Done, Installed};
use super::outside::http::HttpGrant;
use super::outside::mail::Envelope;
use super::outside::origin::Origin;
use super::runtime::Place;
use super::to_guest;
use super::types::{Answer, CallbackRequest, Delivered, Failure, Notification, Receipt};
use crate::config::Plan;
use jiff::Timestamp;
use nightbell_core::model::{Change, FailureKind};
use tokio::time::Instant;

/// Delivers one notification.
pub(super) async fn deliver(
    core: &Core,
    plugin: &Installed,
    plan: &Plan,
    notification: &Notification,
) -> Delivered {
    let wire = to_guest::notification(notification);
    let address = Address { to: &notification.address, id: notification.id.as_str() };
    let asked = ask(core, plugin, plan, Ask::Deliver(&wire), notification.now, Some(address)).await;
    let (result, changes) = match asked.and_then(receipt_of) {
        Ok(ended) => {
            core.worked(plugin);
            ended
        }
        Err(fault) => (Err(failure_of(core, plugin, &fault)), Vec::new()),
    };
    Delivered { result, changes, plugin: Some(plugin.stamp.clone()) }
}

/// Reads one answer.
pub(super) async fn callback(
    core: &Core,
    plugin: &Installed,
    plan: &Plan,
    request: &CallbackRequest,
) -> Result<Answer, Failure> {
    let wire = to_guest::callback(request);
    let asked = ask(core, plugin, plan, Ask::Callback(&wire), request.now, None).await;
    match asked.and_then(answer_of) {
        Ok(ended) => {
            core.worked(plugin);
            ended
        }
        Err(fault) => Err(failure_of(core, plugin, &fault)),
    }
}

/// Whether something can be an address of this channel: its usual form, or what is wrong with it, in the channel's words.
/// Nothing is sent: the call has no way outside.
///
/// # Errors
/// [`Failure`] when the channel cannot be asked now.
pub(super) async fn validate(
    core: &Core,
    plugin: &Installed,
    address: &str,
    now: Timestamp,
) -> Result<Result<String, String>, Failure> {
    let asked = place(core, plugin, async || {
        let limits = plugin.terms.limits;
        let call = Call { ask: Ask::Validate(address), limits, now, settings: None, outside: None };
        plugin.call(&core.runtime, call).await
    });
    match asked.await.and_then(validated_of) {
        Ok(validated) => {
            core.worked(plugin);
            Ok(validated)
        }
        Err(fault) => Err(failure_of(core, plugin, &fault)),
    }
}

fn validated_of(done: Done) -> Result<Result<String, String>, Fault> {
    match done.said {
        Said::Validated(Ok(address)) if address.len() > bounds::TEXT_MAX_BYTES => {
            Err(Fault::nonsense(format!("an address of {} bytes", address.len())))
        }
        Said::Validated(Ok(address)) => Ok(Ok(address)),
        Said::Validated(Err(why)) => Ok(Err(from_guest::short(&why))),
        _ => Err(Fault::nonsense("an answer to something that was not asked")),
    }
}

/// The other side of one delivery.
struct Address<'a> {
    to: &'a str,
    id: &'a str,
}

async fn ask(
    core: &Core,
    plugin: &Installed,
    plan: &Plan,
    ask: Ask<'_>,
    now: Timestamp,
    address: Option<Address<'_>>,
) -> Result<Done, Fault> {
    place(core, plugin, async move || {
        let limits = plugin.terms.limits;
        let outside = Outside {
            doors: core.doors.clone(),
            http: http_grant(plugin, address.as_ref()),
            mail: mail_grant(plugin, plan, now, address.as_ref()),
            sends_left: bounds::SENDS_MAX,
            deadline: Instant::now() + limits.wall.mul_f32(0.9),
        };
        let call = Call { ask, limits, now, settings: None, outside: Some(outside) };
        plugin.call(&core.runtime, call).await
    })
    .await
}

/// Calls the channel when it may be called and there is a place. A channel that keeps state is called side by side with
/// itself all the same: one slow answer of the other side must not hold up everybody else's page. What it writes to one
/// key at the same time, the last one has written.
async fn place(
    core: &Core,
    plugin: &Installed,
    call: impl AsyncFnOnce() -> Result<Done, Fault>,
) -> Result<Done, Fault> {
    if !plugin.allows() {
        return Err(Fault::busy_because("the channel failed too often and rests"));
    }
    let place = core.runtime.place(Place::Channel, bounds::PERMIT_WAIT).await;
    let _place = place.ok_or_else(Fault::busy)?;
    call().await
}

/// The granted origins; for the shipped webhook, also that of the address it delivers to.
fn http_grant(plugin: &Installed, address: Option<&Address<'_>>) -> Result<HttpGrant, String> {
    let grants = &plugin.terms.grants;
    let mut origins = grants.origins.clone()?;
    if grants.own_address
        && let Some(address) = address
    {
        origins.extend(Origin::parse(address.to).ok());
    }
    let secrets = grants.secrets.clone().unwrap_or_default();
    Ok(HttpGrant { origins, secrets })
}

type MailGrant = (Option<crate::config::MailPlan>, Envelope);

fn mail_grant(
    plugin: &Installed,
    plan: &Plan,
    now: Timestamp,
    address: Option<&Address<'_>>,
) -> Result<MailGrant, String> {
    plugin.terms.grants.mail.clone()?;
    let address = address.ok_or("mail goes to a notification's address, and an answer has none")?;
    let url = reqwest::Url::parse(&plan.public_url).ok();
    let host = url.as_ref().and_then(reqwest::Url::host_str).unwrap_or("localhost");
    let envelope = Envelope {
        to: address.to.to_owned(),
        id: address.id.to_owned(),
        nth: 0,
        now,
        public_host: host.to_owned(),
    };
    Ok((plan.mail.clone(), envelope))
}

type Ended<T> = (Result<T, Failure>, Vec<Change>);

/// What the channel wrote counts also when the other side refused: it was the channel's call that succeeded.
fn receipt_of(done: Done) -> Result<Ended<Receipt>, Fault> {
    let result = match done.said {
        Said::Receipt(Ok(receipt)) => Ok(from_guest::receipt(receipt)?),
        Said::Receipt(Err(failure)) => Err(from_guest::failure(failure)),
        _ => return Err(Fault::nonsense("an answer to something that was not asked")),
    };
    Ok((result, done.overlay.map(super::state::Overlay::commit).unwrap_or_default()))
}

fn answer_of(done: Done) -> Result<Result<Answer, Failure>, Fault> {
    match done.said {
        Said::Answer(Ok(wire)) => {
            let answer = from_guest::answer(wire)?;
            let changes = done.overlay.map(super::state::Overlay::commit).unwrap_or_default();
            Ok(Ok(Answer { changes, ..answer }))
        }
        Said::Answer(Err(failure)) => Ok(Err(from_guest::failure(failure))),
        _ => Err(Fault::nonsense("an answer to something that was not asked")),
    }
}

/// A channel that fails is worth another try (I7).
fn failure_of(core: &Core, plugin: &Installed, fault: &Fault) -> Failure {
    let message = fault.describe();
    if fault.cause != Cause::Busy {
        core.failed(plugin, fault);
    }
    Failure {
        kind: FailureKind::Transient { retry_after_s: None },
        message: format!("{}: {message}", plugin.stamp.name),
    }
}
