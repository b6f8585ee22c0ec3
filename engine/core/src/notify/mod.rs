//! Through which contact methods, and when, a person is told; what follows when a try fails.

mod bundle;
mod fresh;
mod identity;
mod notice;
pub mod notice_words;
mod pace;
mod page;
mod plan;
mod post;
pub mod quiet_hours;
mod retry;
mod standing;
mod subscribers;
mod update;

pub use bundle::{delivered_together, shared_by};
pub use identity::{delivery_id, incident_of, next_id, notice_id, shared_id, update_id};
pub use notice::{notice, notice_elsewhere, notice_failed, notice_to};
pub use pace::{BUNDLE_MAX, send, window_over};
pub use page::{PageMode, cancel_pages, cancel_pages_of, page};
pub use plan::{Ask, Planned, plan};
pub use post::post;
pub use retry::{ATTEMPTS_MAX, RETRY_WINDOW, next_method, retry_at};
pub use standing::{Reader, rings_again, standing};
pub use subscribers::{News, knows, tell_subscribers};
pub use update::{LINGER, keep_current, linger, take_back_news, update_thread};

use crate::model::{
    ContactMethod, Language, NotificationRule, PersonId, Preferences, Profile, Urgency, View,
};
use jiff::{SignedDuration, Timestamp};

/// What holds for a person: their own choices, else the configuration's e-mail address, verified, told at once.
pub fn profile(view: View<'_>, person: &PersonId) -> Profile {
    if let Some(own) = view.state.profile(person) {
        return (**own).clone();
    }
    let email = view.directory.people.get(person).and_then(|p| p.email.clone());
    let methods: Vec<ContactMethod> = email
        .map(|address| ContactMethod {
            id: "email".into(),
            channel: "email".to_owned(),
            address,
            verified: true,
            created_at: Timestamp::UNIX_EPOCH,
        })
        .into_iter()
        .collect();
    let rule =
        |urgency| NotificationRule { urgency, method: "email".into(), delay: SignedDuration::ZERO };
    let rules = match methods.is_empty() {
        true => Vec::new(),
        false => vec![rule(Urgency::High), rule(Urgency::Low)],
    };
    Profile { person: person.clone(), methods, rules, preferences: Preferences::default() }
}

/// The language a person reads: their own choice, else the configuration's.
pub fn language(view: View<'_>, person: &PersonId) -> Language {
    let own = view.state.profile(person).and_then(|profile| profile.preferences.language);
    let configured = || Some(Language::of(&view.directory.people.get(person)?.language));
    own.or_else(configured).unwrap_or_default()
}

/// As [`language`], as BCP 47: what the configuration says stays as it is written there.
pub fn language_tag(view: View<'_>, person: &PersonId) -> String {
    let own = view.state.profile(person).and_then(|profile| profile.preferences.language);
    let configured = || view.directory.people.get(person).map(|known| known.language.clone());
    own.map(|language| language.tag().to_owned())
        .or_else(configured)
        .unwrap_or_else(|| "en".to_owned())
}

/// Everybody with a verified contact method.
pub fn reachable(view: View<'_>) -> impl Iterator<Item = PersonId> {
    let can = move |person: &&PersonId| profile(view, person).methods.iter().any(|m| m.verified);
    view.directory.people.keys().filter(can).cloned()
}

/// The people whose verified contact method on this channel has this address.
pub fn owners(view: View<'_>, channel: &str, address: &str) -> Vec<PersonId> {
    let is_it = |method: &ContactMethod| {
        method.verified && method.channel == channel && method.address == address
    };
    let people = view.directory.people.keys();
    people.filter(|person| profile(view, person).methods.iter().any(is_it)).cloned().collect()
}
