//! How a person wants to be told: language, quiet hours, and what on which channel.

use super::auth::Acting;
use super::input::{Given, text};
use super::people::{profile, whose};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::api::Caller;
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::civil::Time;
use nightbell_core::model::{
    Action, Breakthrough, ChannelPreference as Chosen, Language, Preference, Preferences as Domain,
    Priority, QuietHours as Hours, Weekdays,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest name of a channel, in bytes.
const CHANNEL_MAX_BYTES: usize = 64;

/// Hours in which pages wait, on the person's own wall clock.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuietHours {
    /// `mon` to `sun`: on which they begin. Absent: every day.
    #[serde(default = "every_day")]
    days: Vec<String>,
    /// `22:00`
    from: String,
    /// `07:00`; at or before `from` it is the next day's.
    to: String,
    /// What rings all the same: `nothing`, `high` (urgency, the default), or a priority `P1` to `P5`: it and those above it.
    #[serde(default = "high")]
    breakthrough: String,
}

fn every_day() -> Vec<String> {
    words(Weekdays::ALL)
}

fn words(days: Weekdays) -> Vec<String> {
    days.words().into_iter().map(str::to_owned).collect()
}

fn high() -> String {
    "high".to_owned()
}

impl QuietHours {
    fn of(hours: &Hours) -> Self {
        Self {
            days: words(hours.days),
            from: hours.from.strftime("%H:%M").to_string(),
            to: hours.to.strftime("%H:%M").to_string(),
            breakthrough: match hours.breakthrough {
                Breakthrough::Nothing => "nothing".to_owned(),
                Breakthrough::HighUrgency => high(),
                Breakthrough::Priority(least) => least.as_str().to_owned(),
            },
        }
    }

    fn read(&self) -> Result<Hours, Problem> {
        let wrong = |detail: String| Problem::invalid(detail).about("quiet_hours");
        let days = Weekdays::parse(self.days.iter().map(String::as_str)).map_err(|_| {
            wrong(
                "`quiet_hours.days`: expected `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`"
                    .to_owned(),
            )
        })?;
        if days.is_empty() {
            return Err(wrong("`quiet_hours.days`: expected at least one day".to_owned()));
        }
        let clock = |written: &str, what: &str| {
            let is_clock = written.len() == 5 && written.as_bytes()[2] == b':';
            Time::strptime("%H:%M", written).ok().filter(|_| is_clock).ok_or_else(|| {
                wrong(format!("`quiet_hours.{what}`: expected a time of day such as `22:00`"))
            })
        };
        let breakthrough = match self.breakthrough.as_str() {
            "nothing" => Breakthrough::Nothing,
            "high" => Breakthrough::HighUrgency,
            priority => Breakthrough::Priority(Priority::parse(priority).ok_or_else(|| {
                wrong(
                    "`quiet_hours.breakthrough`: expected `nothing`, `high` or `P1` to `P5`"
                        .to_owned(),
                )
            })?),
        };
        let (from, to) = (clock(&self.from, "from")?, clock(&self.to, "to")?);
        Ok(Hours { days, from, to, breakthrough })
    }
}

/// What a person wants to hear on one channel beside pages.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelPreference {
    /// The channel plugin.
    channel: String,
    /// That an incident they were paged for was acknowledged, snoozed or rings again.
    #[serde(default = "yes")]
    status_updates: bool,
    /// That it was resolved.
    #[serde(default = "yes")]
    resolve_notices: bool,
}

fn yes() -> bool {
    true
}

/// How a person wants to be told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Preferences {
    /// `en` or `ja`; `null`: as the configuration says.
    language: Option<&'static str>,
    /// Any of them holds a page until it ends.
    quiet_hours: Vec<QuietHours>,
    /// A channel that is not here tells everything.
    channels: Vec<ChannelPreference>,
}

impl Preferences {
    /// As the API shows them.
    pub(super) fn of(preferences: &Domain) -> Self {
        let channel = |chosen: &Chosen| ChannelPreference {
            channel: chosen.channel.clone(),
            status_updates: chosen.status_updates,
            resolve_notices: chosen.resolve_notices,
        };
        Self {
            language: preferences.language.map(Language::tag),
            quiet_hours: preferences.quiet_hours.iter().map(QuietHours::of).collect(),
            channels: preferences.channels.iter().map(channel).collect(),
        }
    }
}

/// Shows how a person wants to be told.
#[utoipa::path(get, path = "/api/v1/people/{id}/preferences", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`")), responses((status = 200, body = Preferences), Refused))]
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Preferences>, Problem> {
    let profile = profile(&doors, &whose(&caller, &id))?;
    Ok(Json(Preferences::of(&profile.preferences)))
}

/// Choices; what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Choices {
    /// `en` or `ja`; `null`: as the configuration says.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
    /// All of them, instead of those before.
    quiet_hours: Option<Vec<QuietHours>>,
    /// Instead of what was chosen for these channels; others stay.
    #[serde(default)]
    channels: Vec<ChannelPreference>,
}

/// Tells `null` from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Choices {
    fn read(&self) -> Result<Vec<Preference>, Problem> {
        let mut choices = Vec::new();
        if let Some(language) = &self.language {
            choices.push(Preference::Language(match language.as_deref() {
                None => None,
                Some("en") => Some(Language::English),
                Some("ja") => Some(Language::Japanese),
                Some(_) => {
                    let detail =
                        "`language`: expected `en`, `ja`, or `null` for the configuration's";
                    return Err(Problem::invalid(detail).about("language"));
                }
            }));
        }
        if let Some(hours) = &self.quiet_hours {
            let hours = hours.iter().map(QuietHours::read).collect::<Result<_, _>>()?;
            choices.push(Preference::QuietHours(hours));
        }
        for one in &self.channels {
            choices.push(Preference::Channel(Chosen {
                channel: text(&one.channel, "channel", CHANNEL_MAX_BYTES)?,
                status_updates: one.status_updates,
                resolve_notices: one.resolve_notices,
            }));
        }
        Ok(choices)
    }
}

/// Changes how a person wants to be told. What is absent stays as it is.
#[utoipa::path(patch, path = "/api/v1/people/{id}/preferences", tag = "people",
    params(("id" = String, Path, description = "A person's id, or `me`")), request_body = Choices,
    responses((status = 200, body = Preferences), Refused))]
pub(super) async fn prefer(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(choices): Given<Choices>,
) -> Result<Json<Preferences>, Problem> {
    let person = whose(&acting.caller, &id);
    acting.owns(&person)?;
    profile(&doors, &person)?;
    let choices = choices.read()?;
    for choice in &choices {
        if let Preference::Channel(chosen) = choice {
            super::people::channel(&doors, &chosen.channel)?;
        }
    }
    submit(&doors, acting.actor, Action::Prefer { person: person.clone(), choices }).await?;
    Ok(Json(Preferences::of(&profile(&doors, &person)?.preferences)))
}
