//! People and time zones.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::Raw;
use super::super::value::{is_language, nearest};
use super::Context;
use super::names::Kind;
use jiff::tz::TimeZone;
use nightbell_core::model::{Person, PersonId};
use std::collections::BTreeMap;

/// Everybody.
pub(super) fn people(raw: &Raw, context: &Context<'_>) -> BTreeMap<PersonId, Person> {
    let mut people = BTreeMap::new();
    for person in &raw.people {
        let id = person.name.id.as_ref().map_or("", |id| id.value.as_str());
        let language = person.language.as_ref().filter(|language| {
            let fine = is_language(language);
            if !fine {
                context.add(
                    Mistake::error(language.at, format!("{} is no language tag", quoted(language)))
                        .hint("write it as `en`, `de` or `pt-BR`"),
                );
            }
            fine
        });
        let resolved = Person {
            id: id.into(),
            name: person.name.name.as_ref().map_or(id, |name| name.value.as_str()).to_owned(),
            email: person
                .email
                .as_ref()
                .filter(|email| is_address(email, context))
                .map(|email| email.value.clone()),
            time_zone: person
                .time_zone
                .as_ref()
                .map_or(TimeZone::UTC, |zone| time_zone(zone, context)),
            language: language.map_or("en", |language| language.value.as_str()).to_owned(),
        };
        people.insert(resolved.id.clone(), resolved);
    }
    let no_mail = !raw.mail_is_there && context.report.knows_all_names();
    if no_mail && let Some(email) = raw.people.iter().find_map(|person| person.email.as_ref()) {
        context.add(
            Mistake::warning(email.at, "people have e-mail addresses, but there is no `[mail]`")
                .label("nothing can be sent here")
                .hint("add `[mail]` with `server` and `from`"),
        );
    }
    people
}

fn is_address(email: &At<String>, context: &Context<'_>) -> bool {
    let fine = email.parse::<lettre::Address>().is_ok();
    if !fine {
        context.add(
            Mistake::error(email.at, format!("{} is no e-mail address", quoted(email)))
                .hint("write it as \"alice@example.org\", without a name"),
        );
    }
    fine
}

/// A zone of the tz database; an unknown one is reported, and is UTC.
pub(super) fn time_zone(written: &At<String>, context: &Context<'_>) -> TimeZone {
    TimeZone::get(written).unwrap_or_else(|_| {
        let hint = match near_zone(written) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use a name of the tz database, such as `Europe/Berlin` or `UTC`".to_owned(),
        };
        context.add(
            Mistake::error(written.at, format!("there is no time zone {}", quoted(written)))
                .hint(hint),
        );
        TimeZone::UTC
    })
}

fn near_zone(written: &str) -> Option<String> {
    let all: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let words = written.trim().replace(' ', "_");
    let city = |name: &&String| {
        name.rsplit_once('/').is_some_and(|(_, city)| city.eq_ignore_ascii_case(&words))
    };
    all.iter().find(city).cloned().or_else(|| {
        // A tag of three letters is near to many others that mean something else.
        (words.len() > 4)
            .then(|| nearest(&words, all.iter().map(String::as_str)).map(str::to_owned))?
    })
}

/// Reports a person that is not defined.
pub(super) fn check_person(id: &At<String>, context: &Context<'_>) {
    context.names.check(Kind::Person, id, id.at, context.report);
}
