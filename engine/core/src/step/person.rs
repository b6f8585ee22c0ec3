//! What people decide about how they are told: methods, rules, preferences; and how a method proves that it works.
//!
//! A code is never seen here: the shell makes it of a salt and a key of its own, and what comes in is what it comes to.

use super::action::not_found;
use crate::model::{
    AttemptResult, Change, Checks, Code, ContactMethod, Delivery, DeliveryStatus, Draft,
    FailureKind, MethodCheck, MethodId, Notice, NoticeKind, NotificationRule, PersonId, Preference,
    Profile, Refusal, TestOutcome, TestPage, Undeliverable,
};
use crate::notify::{self, notice_words};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Methods or rules of one person.
const PROFILE_MAX: usize = 32;
/// Quiet hours of one person, and channels with preferences.
const PREFERENCES_MAX: usize = 32;
/// How long a code holds.
pub(super) const CODE_HOLDS: SignedDuration = SignedDuration::from_mins(10);
/// Wrong codes until it holds no longer.
pub(super) const WRONG_MAX: u32 = 5;
/// Codes to one method within [`SENT_WITHIN`].
pub(super) const CODES_MAX: usize = 3;
/// Tests of one method within [`SENT_WITHIN`].
pub(super) const TESTS_MAX: usize = 5;
/// Codes and tests of one person within [`SENT_WITHIN`], whatever the method.
pub(super) const SENT_MAX: usize = 12;
/// The time in which they are counted.
pub(super) const SENT_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// A person's profile to change: their own, or the defaults they leave behind.
fn known_profile(draft: &Draft<'_>, person: &PersonId) -> Result<Profile, Refusal> {
    if !draft.view.directory.people.contains_key(person) {
        return Err(Refusal::NoPerson(person.to_string()));
    }
    Ok(notify::profile(draft.view, person))
}

fn known_method(
    draft: &Draft<'_>,
    person: &PersonId,
    method: &MethodId,
) -> Result<ContactMethod, Refusal> {
    let methods = known_profile(draft, person)?.methods;
    let known = methods.into_iter().find(|known| known.id == *method);
    known.ok_or_else(|| not_found("contact method", method))
}

/// What is known of a person's methods, to be changed and kept.
fn checks(draft: &Draft<'_>, person: &PersonId) -> Checks {
    let known = draft.view.state.people().checks(person);
    known.map_or_else(|| Checks::new(person.clone()), |known| (**known).clone())
}

/// What is known of one method, nothing of another address it once had.
fn check<'c>(checks: &'c mut Checks, method: &ContactMethod) -> &'c mut MethodCheck {
    let fresh = || MethodCheck::new(method.id.clone(), method.address.clone());
    let at = checks.methods.iter().position(|one| one.method == method.id);
    let at = at.unwrap_or_else(|| {
        checks.methods.push(fresh());
        checks.methods.len() - 1
    });
    if checks.methods[at].address != method.address {
        checks.methods[at] = fresh();
    }
    &mut checks.methods[at]
}

/// Keeps it, without what is known of methods that are gone.
fn keep(draft: &mut Draft<'_>, mut checks: Checks) {
    let profile = notify::profile(draft.view, &checks.person);
    checks.methods.retain(|one| profile.methods.iter().any(|method| method.id == one.method));
    draft.change(Change::Checks(Arc::new(checks)));
}

pub(super) fn put_method(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &ContactMethod,
) -> Result<(), Refusal> {
    let mut profile = known_profile(draft, person)?;
    let same = |known: &&ContactMethod| {
        known.id != method.id && known.channel == method.channel && known.address == method.address
    };
    if let Some(known) = profile.methods.iter().find(same) {
        // A rule on each of two would page the same address twice.
        return Err(Refusal::Exists { what: "contact method", id: known.id.to_string() });
    }
    match profile.methods.iter().position(|known| known.id == method.id) {
        Some(at) => profile.methods[at].clone_from(method),
        None if profile.methods.len() >= PROFILE_MAX => {
            return Err(Refusal::Invalid(format!(
                "expected at most {PROFILE_MAX} contact methods"
            )));
        }
        None => profile.methods.push(method.clone()),
    }
    draft.change(Change::Profile(Arc::new(profile)));
    Ok(())
}

pub(super) fn remove_method(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &MethodId,
) -> Result<(), Refusal> {
    let mut profile = known_profile(draft, person)?;
    let before = profile.methods.len();
    profile.methods.retain(|known| known.id != *method);
    if profile.methods.len() == before {
        return Err(not_found("contact method", method));
    }
    profile.rules.retain(|rule| rule.method != *method);
    draft.change(Change::Profile(Arc::new(profile)));
    Ok(())
}

pub(super) fn set_rules(
    draft: &mut Draft<'_>,
    person: &PersonId,
    rules: &[NotificationRule],
) -> Result<(), Refusal> {
    let mut profile = known_profile(draft, person)?;
    if rules.len() > PROFILE_MAX {
        return Err(Refusal::Invalid(format!("expected at most {PROFILE_MAX} rules")));
    }
    for rule in rules {
        if !profile.methods.iter().any(|method| method.id == rule.method) {
            return Err(not_found("contact method", &rule.method));
        }
        if rule.delay.is_negative() {
            return Err(Refusal::Invalid("expected a delay of zero or more".to_owned()));
        }
    }
    profile.rules = rules.to_vec();
    draft.change(Change::Profile(Arc::new(profile)));
    Ok(())
}

/// Each choice leaves the others as they are.
pub(super) fn prefer(
    draft: &mut Draft<'_>,
    person: &PersonId,
    choices: &[Preference],
) -> Result<(), Refusal> {
    let mut profile = known_profile(draft, person)?;
    let preferences = &mut profile.preferences;
    for choice in choices {
        match choice {
            Preference::Language(language) => preferences.language = *language,
            Preference::QuietHours(hours) => {
                if hours.len() > PREFERENCES_MAX {
                    let got = hours.len();
                    return Err(Refusal::Invalid(format!(
                        "expected at most {PREFERENCES_MAX} quiet hours, got {got}"
                    )));
                }
                if hours.iter().any(|hours| hours.days.is_empty()) {
                    let expected = "expected at least one day on which quiet hours begin";
                    return Err(Refusal::Invalid(expected.to_owned()));
                }
                preferences.quiet_hours.clone_from(hours);
            }
            Preference::Channel(channel) => {
                preferences.channels.retain(|known| known.channel != channel.channel);
                if preferences.channels.len() >= PREFERENCES_MAX {
                    return Err(Refusal::Invalid(format!(
                        "expected preferences for at most {PREFERENCES_MAX} channels"
                    )));
                }
                preferences.channels.push(channel.clone());
            }
        }
    }
    draft.change(Change::Profile(Arc::new(profile)));
    Ok(())
}

/// Sends a code to a method that is not verified, or no longer known to work.
pub(super) fn send_code(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &MethodId,
    salt: [u8; 32],
    proof: [u8; 32],
) -> Result<(), Refusal> {
    let method = known_method(draft, person, method)?;
    let mut checks = checks(draft, person);
    let now = draft.now;
    let one = check(&mut checks, &method);
    if method.verified && one.undeliverable.is_none() {
        return Err(Refusal::Invalid(format!(
            "contact method `{}` is verified already; a test page shows whether it works",
            method.id
        )));
    }
    count(&mut one.codes_sent, now, CODES_MAX, "codes to one contact method")?;
    let expires_at = now.saturating_add(CODE_HOLDS).unwrap_or(now);
    one.code = Some(Code { salt, proof, expires_at, wrong: 0 });
    count(&mut checks.sent, now, SENT_MAX, "codes and tests of one person")?;
    keep(draft, checks);
    let words = notice_words::code(notify::language(draft.view, person), CODE_HOLDS.as_mins());
    let notice = notice(NoticeKind::Verification, words);
    notify::notice_to(draft, person, &method, &hex(&salt), notice);
    Ok(())
}

/// Notes that something is sent at `now`, unless that is once too often.
fn count(sent: &mut Vec<Timestamp>, now: Timestamp, max: usize, what: &str) -> Result<(), Refusal> {
    sent.retain(|at| now.duration_since(*at) < SENT_WITHIN);
    if sent.len() >= max {
        let first = sent.first().copied().unwrap_or(now);
        let again_at = first.saturating_add(SENT_WITHIN).unwrap_or(now);
        return Err(Refusal::TooOften { what: format!("at most {max} {what} an hour"), again_at });
    }
    sent.push(now);
    Ok(())
}

/// Confirms a method with what was entered. A wrong code counts, so that it changes something although it is refused.
pub(super) fn confirm_code(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &MethodId,
    proof: &[u8; 32],
) -> Result<(), Refusal> {
    let method = known_method(draft, person, method)?;
    let mut checks = checks(draft, person);
    let one = check(&mut checks, &method);
    let Some(code) = one.code.as_mut().filter(|code| draft.now < code.expires_at) else {
        return Err(Refusal::NoCode);
    };
    if !same(&code.proof, proof) {
        code.wrong += 1;
        let left = WRONG_MAX.saturating_sub(code.wrong);
        if left == 0 {
            one.code = None;
        }
        keep(draft, checks);
        draft.transition.reply = crate::model::Reply::Refused(Refusal::WrongCode { left });
        return Ok(());
    }
    one.code = None;
    one.undeliverable = None;
    keep(draft, checks);
    let mut profile = known_profile(draft, person)?;
    for known in profile.methods.iter_mut().filter(|known| known.id == method.id) {
        known.verified = true;
    }
    draft.change(Change::Profile(Arc::new(profile)));
    Ok(())
}

/// Takes as long for a proof that is wrong in its first byte as for one that is wrong in its last.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let differ = a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b));
    std::hint::black_box(differ) == 0
}

/// Sends a test page to a verified method, marked or not.
pub(super) fn test_method(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &MethodId,
) -> Result<(), Refusal> {
    let method = known_method(draft, person, method)?;
    if !method.verified {
        return Err(Refusal::Invalid(format!(
            "contact method `{}` is not verified: ask for a code and confirm it first",
            method.id
        )));
    }
    let mut checks = checks(draft, person);
    let now = draft.now;
    let one = check(&mut checks, &method);
    count(&mut one.tests_sent, now, TESTS_MAX, "tests of one contact method")?;
    let key = format!("{}\0{}", now, one.tests_sent.len());
    let delivery = notify::notice_id(person, &method.id, NoticeKind::Test, &key);
    one.test = Some(TestPage { delivery, asked_at: now, outcome: TestOutcome::UnderWay });
    count(&mut checks.sent, now, SENT_MAX, "codes and tests of one person")?;
    keep(draft, checks);
    let name = draft.view.directory.people.get(person).map_or("", |known| known.name.as_str());
    let words = notice_words::test(notify::language(draft.view, person), name);
    notify::notice_to(draft, person, &method, &key, notice(NoticeKind::Test, words));
    Ok(())
}

/// After an attempt: whether the address works at all, and how a test went.
pub(super) fn learn_of(draft: &mut Draft<'_>, attempted: &Delivery, result: &AttemptResult) {
    let bad_address = match result {
        AttemptResult::Failed { kind: FailureKind::BadAddress, message } => Some(message.as_str()),
        AttemptResult::Failed { .. } | AttemptResult::Delivered { .. } => None,
    };
    if bad_address.is_none() && !is_test(attempted) {
        return;
    }
    learn(draft, &as_decided(draft, attempted), bad_address);
}

/// After a late receipt of a test.
pub(super) fn learn_of_test(draft: &mut Draft<'_>, told: &Delivery) {
    if is_test(told) {
        learn(draft, &as_decided(draft, told), None);
    }
}

fn is_test(delivery: &Delivery) -> bool {
    delivery.notice().is_some_and(|notice| notice.kind == NoticeKind::Test)
}

/// The delivery as this decision leaves it.
fn as_decided(draft: &Draft<'_>, delivery: &Delivery) -> Delivery {
    let decided = draft.transition.changes.iter().rev().find_map(|change| match change {
        Change::Delivery(other) if other.id == delivery.id => Some((**other).clone()),
        _ => None,
    });
    decided.unwrap_or_else(|| delivery.clone())
}

/// `bad_address`: what it failed with, when the address is wrong or gone.
fn learn(draft: &mut Draft<'_>, delivery: &Delivery, bad_address: Option<&str>) {
    let profile = notify::profile(draft.view, &delivery.person);
    let mut methods = profile.methods.into_iter();
    let is_it =
        |known: &ContactMethod| known.id == delivery.method && known.address == delivery.address;
    let Some(method) = methods.find(is_it) else { return };
    let mut checks = checks(draft, &delivery.person);
    let one = check(&mut checks, &method);
    let before = one.clone();
    if let Some(test) = one.test.as_mut().filter(|test| test.delivery == delivery.id) {
        match &delivery.status {
            DeliveryStatus::Delivered { at, .. } => {
                test.outcome = TestOutcome::Delivered { at: *at };
                one.undeliverable = None;
            }
            DeliveryStatus::Failed { at, reason } => {
                test.outcome = TestOutcome::Failed { at: *at, reason: reason.clone() };
            }
            DeliveryStatus::Pending { .. }
            | DeliveryStatus::Bundled { .. }
            | DeliveryStatus::Cancelled { .. } => {}
        }
    }
    let is_new = one.undeliverable.is_none();
    if let Some(reason) = bad_address.filter(|_| is_new) {
        one.undeliverable = Some(Undeliverable { since: draft.now, reason: reason.to_owned() });
    }
    if *one == before {
        return;
    }
    keep(draft, checks);
    if let Some(reason) = bad_address.filter(|_| is_new && method.verified) {
        tell_undeliverable(draft, &delivery.person, &method, reason);
    }
}

/// The owner hears of it through another method.
fn tell_undeliverable(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &ContactMethod,
    reason: &str,
) {
    let language = notify::language(draft.view, person);
    let words = notice_words::undeliverable(language, &method.channel, &method.id, reason);
    let notice = notice(NoticeKind::Undeliverable, words);
    let key = format!("{}\0{}\0{}", method.id, method.address, draft.now);
    notify::notice_elsewhere(draft, person, &method.id, &key, notice);
}

fn notice(kind: NoticeKind, (subject, text): (String, String)) -> Notice {
    Notice { kind, subject, text }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
