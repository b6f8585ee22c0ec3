//! What silences and maintenance windows share in the API: their times, their standing, their history.

use super::duration::Duration;
use super::input::text;
use super::problem::Problem;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use nightbell_core::filter;
use nightbell_core::model::{
    Edit as DomainEdit, LengthLimit, QuietTime, Weekdays, Weekly as Domain,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest name of a time zone, in bytes.
const ZONE_MAX_BYTES: usize = 64;
/// Occurrences shown in a dry run.
const OCCURRENCES_SHOWN: usize = 5;

/// Comes again every week, on the wall clock of a zone. What lies in a skipped hour is moved to the end of the skip; in a
/// repeated hour the first time counts.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Weekly {
    /// `mon` to `sun`: the days on which it begins.
    days: Vec<String>,
    /// `22:00`
    from: String,
    /// `06:00`, exclusive. Not after `from`: on the following day; the same as `from`: a whole day.
    to: String,
    /// `Europe/Berlin`
    time_zone: String,
}

impl Weekly {
    pub(super) fn of(weekly: &Domain) -> Self {
        let clock = |time: Time| time.strftime("%H:%M").to_string();
        Self {
            days: weekly.days.words().into_iter().map(str::to_owned).collect(),
            from: clock(weekly.from),
            to: clock(weekly.to),
            time_zone: weekly.zone().to_owned(),
        }
    }

    /// # Errors
    /// 422, with the field that is wrong.
    fn read(&self) -> Result<Domain, Problem> {
        let days = Weekdays::parse(self.days.iter().map(|day| day.trim())).map_err(|word| {
            let word = word.get(..word.floor_char_boundary(20)).unwrap_or_default();
            Problem::invalid(format!("`weekly.days`: expected `mon` to `sun`, got `{word}`"))
        })?;
        if days.is_empty() {
            return Err(Problem::invalid("`weekly.days`: expected at least one day"));
        }
        let clock = |written: &str, what: &str| {
            let refused =
                || Problem::invalid(format!("`weekly.{what}`: expected a time such as `22:00`"));
            Time::strptime("%H:%M", written.trim()).map_err(|_| refused())
        };
        let name = text(&self.time_zone, "weekly.time_zone", ZONE_MAX_BYTES)?;
        let time_zone = TimeZone::get(&name).map_err(|_| {
            Problem::invalid(format!(
                "`weekly.time_zone`: expected a name of the tz database such as `Europe/Berlin`, got `{name}`"
            ))
        })?;
        let (from, to) = (clock(&self.from, "from")?, clock(&self.to, "to")?);
        Ok(Domain { days, from, to, time_zone })
    }
}

/// When, as asked for.
pub(super) struct Asked<'a> {
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) lasting: Option<&'a Duration>,
    pub(super) weekly: Option<&'a Weekly>,
}

impl Asked<'_> {
    /// The time that is meant; `start` is when it begins unless they say. What recurs lasts as long as it may unless
    /// they say.
    ///
    /// # Errors
    /// 422 when it is not clear.
    pub(super) fn read(&self, start: Timestamp, limit: LengthLimit) -> Result<QuietTime, Problem> {
        let starts_at = self.starts_at.unwrap_or(start);
        let after = |length| {
            let end = starts_at.checked_add(length);
            end.map_err(|_| Problem::invalid("`for`: the time is too far away"))
        };
        let ends_at = match (self.ends_at, self.lasting, self.weekly) {
            (Some(ends_at), None, _) => ends_at,
            (None, Some(lasting), _) => after(lasting.read("for")?)?,
            (None, None, Some(_)) => after(limit.recurring_max)?,
            (Some(_), Some(_), _) => {
                return Err(Problem::invalid("expected either `ends_at` or `for`, got both"));
            }
            (None, None, None) => {
                return Err(Problem::invalid("expected either `ends_at` or `for`"));
            }
        };
        let weekly = self.weekly.map(Weekly::read).transpose()?;
        Ok(QuietTime { starts_at, ends_at, weekly })
    }
}

/// One stretch during which it holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Occurrence {
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// The stretch that holds now, or the next ones.
pub(super) fn occurrences(time: &QuietTime, now: Timestamp) -> Vec<Occurrence> {
    let found = filter::occurrences(time, now, OCCURRENCES_SHOWN);
    found.into_iter().map(|(starts_at, ends_at)| Occurrence { starts_at, ends_at }).collect()
}

/// As [`occurrences`], the first one only.
pub(super) fn next(time: &QuietTime, now: Timestamp) -> Option<Occurrence> {
    let found = filter::occurrences(time, now, 1).pop();
    found.map(|(starts_at, ends_at)| Occurrence { starts_at, ends_at })
}

/// `active`, `pending` or `expired`.
pub(super) fn status(time: &QuietTime, now: Timestamp) -> &'static str {
    match (filter::occurrence(time, now), filter::turn_after(time, now)) {
        (Some(_), _) => "active",
        (None, Some(_)) => "pending",
        (None, None) => "expired",
    }
}

/// Somebody changed it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Edit {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    by: String,
    /// `end, comment`, or `ended`.
    what: String,
}

/// The history as the API shows it, oldest first.
pub(super) fn history(edits: &[DomainEdit]) -> Vec<Edit> {
    let show =
        |edit: &DomainEdit| Edit { at: edit.at, by: edit.by.clone(), what: edit.what.clone() };
    edits.iter().map(show).collect()
}
