//! `nightbell person quiet|prefer|language`: at which hours not, of what on which channel, in which language.

use crate::cli::failure::Failure;
use crate::cli::json;
use crate::cli::look::{Look, Tone};
use crate::cli::session::Session;
use crate::cli::table::{Table, cell};
use clap::ValueEnum;
use nightbell_core::model::Weekdays;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Quiet hours as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Quiet {
    days: Weekdays,
    from: String,
    to: String,
    breakthrough: Option<String>,
}

/// Reads `[Weekdays::WORDS/]FROM-TO[/WHAT]`: `22:00-07:00`, `mon-fri/22:00-07:00`, `sat,sun/00:00-10:00/nothing`.
///
/// # Errors
/// What was expected.
pub(super) fn quiet(text: &str) -> Result<Quiet, String> {
    let expected = || {
        format!(
            "expected `[Weekdays::WORDS/]FROM-TO[/WHAT RINGS]`, such as `22:00-07:00`, `mon-fri/22:00-07:00` or \
             `sat,sun/00:00-10:00/nothing`, got `{text}`"
        )
    };
    let parts: Vec<&str> = text.trim().split('/').map(str::trim).collect();
    let (days, hours, breakthrough) = match parts.as_slice() {
        [hours] => (None, *hours, None),
        [hours, what] if hours.contains(':') => (None, *hours, Some(*what)),
        [days, hours] => (Some(*days), *hours, None),
        [days, hours, what] => (Some(*days), *hours, Some(*what)),
        _ => return Err(expected()),
    };
    let days = match days {
        None => Weekdays::ALL,
        Some(days) => Weekdays::parse_spans(days).ok_or_else(expected)?,
    };
    let (from, to) = hours.split_once('-').ok_or_else(expected)?;
    let clock = |text: &str| {
        let text = text.trim();
        let fine = jiff::civil::Time::strptime("%H:%M", text).is_ok() && text.len() == 5;
        fine.then(|| text.to_owned())
    };
    let (from, to) = (clock(from).ok_or_else(expected)?, clock(to).ok_or_else(expected)?);
    let breakthrough = match breakthrough.map(str::to_ascii_lowercase) {
        None => None,
        Some(what) if what == "nothing" || what == "high" => Some(what),
        Some(what) if ["p1", "p2", "p3", "p4", "p5"].contains(&what.as_str()) => {
            Some(what.to_ascii_uppercase())
        }
        Some(_) => return Err(expected()),
    };
    Ok(Quiet { days, from, to, breakthrough })
}

impl Quiet {
    fn wire(&self) -> Value {
        let mut body = json!({ "days": self.days.words(), "from": self.from, "to": self.to });
        if let Some(what) = &self.breakthrough {
            body["breakthrough"] = Value::from(what.as_str());
        }
        body
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Wanted {
    Yes,
    No,
}

/// A language, or the configuration's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Language {
    /// English
    En,
    /// 日本語
    Ja,
    /// As the configuration says
    Default,
}

/// Shows quiet hours, or replaces all of them.
pub(super) async fn set_quiet(
    session: &Session<'_>,
    person: &str,
    set: &[Quiet],
    clear: bool,
) -> Result<(), Failure> {
    let path = ["people", person, "preferences"];
    if set.is_empty() && !clear {
        let answer = session.get(&path).await?;
        let rows = hours(&answer.json, session.out.look());
        session.out.data(&answer.text, |_| rows.clone())?;
        if rows.is_empty() {
            session.out.done("There are no quiet hours: pages come at any hour.");
        }
        return Ok(());
    }
    let body = json!({ "quiet_hours": set.iter().map(Quiet::wire).collect::<Vec<_>>() });
    let answer = session.client.send(Method::PATCH, &path, &body).await?;
    session.changed(
        &answer,
        if clear { "There are no quiet hours any more." } else { "The quiet hours are replaced." },
    )
}

/// Shows what is wanted beside pages, or changes it for one channel.
pub(super) async fn set_channel(
    session: &Session<'_>,
    person: &str,
    channel: Option<&str>,
    status_updates: Option<Wanted>,
    resolve_notices: Option<Wanted>,
) -> Result<(), Failure> {
    let path = ["people", person, "preferences"];
    let answer = session.get(&path).await?;
    let Some(channel) = channel.filter(|_| status_updates.is_some() || resolve_notices.is_some())
    else {
        let rows = channels(&answer.json, session.out.look());
        session.out.data(&answer.text, |_| rows.clone())?;
        if rows.is_empty() {
            session.out.done("Nothing is chosen: every channel tells how incidents go on.");
        }
        return Ok(());
    };
    let mut known = json::list(&answer.json, "channels").iter();
    let known = known.find(|one| json::text(one, "channel") == channel);
    let mut chosen: Map<String, Value> =
        known.and_then(|one| one.as_object().cloned()).unwrap_or_default();
    chosen.insert("channel".to_owned(), Value::from(channel));
    for (name, wanted) in [("status_updates", status_updates), ("resolve_notices", resolve_notices)]
    {
        if let Some(wanted) = wanted {
            chosen.insert(name.to_owned(), Value::Bool(wanted == Wanted::Yes));
        }
    }
    let body = json!({ "channels": [chosen] });
    let answer = session.client.send(Method::PATCH, &path, &body).await?;
    session.changed(&answer, &format!("Chosen for {channel}."))
}

/// Shows the language that is written in, or chooses it.
pub(super) async fn set_language(
    session: &Session<'_>,
    person: &str,
    language: Option<Language>,
) -> Result<(), Failure> {
    let Some(language) = language else {
        let answer = session.get(&["people", person]).await?;
        let shown = json::text(&answer.json, "language");
        return session.out.data(&answer.text, |_| shown.clone());
    };
    let tag = match language {
        Language::En => Some("en"),
        Language::Ja => Some("ja"),
        Language::Default => None,
    };
    let path = ["people", person, "preferences"];
    let answer = session.client.send(Method::PATCH, &path, &json!({ "language": tag })).await?;
    let sentence = match language {
        Language::En => "Nightbell writes English.".to_owned(),
        Language::Ja => "Nightbell は日本語で書きます。".to_owned(),
        Language::Default => "Nightbell writes as the configuration says.".to_owned(),
    };
    session.changed(&answer, &sentence)
}

/// Quiet hours as a table; empty without any.
pub(super) fn hours(preferences: &Value, look: &Look) -> String {
    let mut table = Table::new(&["days", "from", "to", "rings all the same"]);
    for hours in json::list(preferences, "quiet_hours") {
        let days: Vec<String> =
            hours["days"].as_array().into_iter().flatten().map(json::plain).collect();
        let rings = match json::text(hours, "breakthrough").as_str() {
            "nothing" => "nothing".to_owned(),
            "high" => "high urgency".to_owned(),
            "P1" => "P1".to_owned(),
            priority => format!("{priority} and higher"),
        };
        table.row([
            cell(shown_days(&days)).tone(Tone::Strong),
            cell(json::text(hours, "from")),
            cell(json::text(hours, "to")),
            cell(rings),
        ]);
    }
    table.render(look)
}

/// `every day`, `mon–fri`, `sat, sun`.
fn shown_days(days: &[String]) -> String {
    match days.len() {
        7 => "every day".to_owned(),
        length if length > 2 => {
            let start = Weekdays::WORDS
                .iter()
                .position(|day| days.first().is_some_and(|first| first == day));
            let in_a_row = start.is_some_and(|start| {
                Weekdays::WORDS
                    .iter()
                    .skip(start)
                    .zip(days)
                    .filter(|(day, own)| *day == own)
                    .count()
                    == length
            });
            match (in_a_row, days.first(), days.last()) {
                (true, Some(first), Some(last)) => format!("{first}–{last}"),
                _ => days.join(", "),
            }
        }
        _ => days.join(", "),
    }
}

/// What is wanted on channels as a table; empty when nothing was chosen.
pub(super) fn channels(preferences: &Value, look: &Look) -> String {
    let mut table = Table::new(&["channel", "status updates", "resolve notices"]);
    for chosen in json::list(preferences, "channels") {
        let wanted = |name: &str| match chosen[name].as_bool() {
            Some(false) => cell("no").tone(Tone::Warn),
            _ => cell("yes"),
        };
        let channel = cell(json::text(chosen, "channel")).tone(Tone::Strong);
        table.row([channel, wanted("status_updates"), wanted("resolve_notices")]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_read_as_typed() {
        let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        for (text, days, from, to, what) in [
            ("22:00-07:00", &week[..], "22:00", "07:00", None),
            ("mon-fri/22:00-07:00", &week[..5], "22:00", "07:00", None),
            ("22:00-07:00/p2", &week[..], "22:00", "07:00", Some("P2")),
            ("sat,sun/00:00-10:00/nothing", &week[5..], "00:00", "10:00", Some("nothing")),
            ("sun-mon / 22:00 - 07:00 / high", &["mon", "sun"], "22:00", "07:00", Some("high")),
        ] {
            let expected = Quiet {
                days: Weekdays::parse(days.iter().copied()).expect("days"),
                from: from.to_owned(),
                to: to.to_owned(),
                breakthrough: what.map(str::to_owned),
            };
            assert_eq!(quiet(text), Ok(expected), "{text}");
        }
        for text in
            ["", "22:00", "22-7", "day/22:00-07:00", "22:00-25:00", "22:00-07:00/loud", "a/b/c/d"]
        {
            assert!(quiet(text).is_err_and(|why| why.contains("expected")), "{text}");
        }
    }

    #[test]
    fn days_are_shown_as_people_say_them() {
        let shown = |days: &[&str]| {
            shown_days(&days.iter().map(|day| (*day).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(shown(&Weekdays::WORDS), "every day");
        assert_eq!(shown(&Weekdays::WORDS[..5]), "mon–fri");
        assert_eq!(shown(&["sat", "sun"]), "sat, sun");
        assert_eq!(shown(&["mon", "wed", "fri"]), "mon, wed, fri");
    }
}
