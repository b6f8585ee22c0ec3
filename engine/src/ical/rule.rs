//! Recurrence rules: DAILY, WEEKLY, MONTHLY and YEARLY with INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and
//! WKST. A part that is not understood is an error: half a rule would be another one.

use super::when::When;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Periods that are looked through for one rule: a century of days.
const PERIODS_MAX: usize = 37_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A recurrence rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    frequency: Frequency,
    /// At least 1.
    interval: u32,
    count: Option<u32>,
    until: Option<Until>,
    /// With the place in the month or year: 1 the first, -1 the last, `None` each.
    days: Vec<(Option<i8>, Weekday)>,
    month_days: Vec<i8>,
    months: Vec<i8>,
    places: Vec<i16>,
    week_start: Weekday,
}

#[derive(Clone, Debug, PartialEq)]
enum Until {
    /// That day, on the event's own wall clock, included.
    Day(Date),
    /// That instant included.
    At(Timestamp),
}

impl Rule {
    /// Reads a rule. `home` is where times without a zone are.
    ///
    /// # Errors
    /// The part that is not understood.
    pub(super) fn read(value: &str, home: &TimeZone) -> Result<Self, String> {
        let mut frequency = None;
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            days: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            places: Vec::new(),
            week_start: Weekday::Monday,
        };
        for part in value.trim().split(';').filter(|part| !part.is_empty()) {
            let not_understood = || format!("the part `{part}` of its rule is not understood");
            let (name, value) = part.split_once('=').ok_or_else(not_understood)?;
            let value = value.trim().to_ascii_uppercase();
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" => frequency = Some(frequency_of(&value).ok_or_else(not_understood)?),
                "INTERVAL" => rule.interval = positive(&value).ok_or_else(not_understood)?,
                "COUNT" => rule.count = Some(positive(&value).ok_or_else(not_understood)?),
                "UNTIL" => rule.until = Some(until(&value, home).ok_or_else(not_understood)?),
                "BYDAY" => rule.days = each(&value, place_and_day).ok_or_else(not_understood)?,
                "BYMONTHDAY" => {
                    rule.month_days =
                        each(&value, |one| number(one, 31)).ok_or_else(not_understood)?;
                }
                "BYMONTH" => {
                    let month = |one: &str| number(one, 12).filter(|month| *month > 0);
                    rule.months = each(&value, month).ok_or_else(not_understood)?;
                }
                "BYSETPOS" => {
                    rule.places =
                        each(&value, |one| number(one, 366)).ok_or_else(not_understood)?;
                }
                "WKST" => rule.week_start = weekday(&value).ok_or_else(not_understood)?,
                _ => return Err(not_understood()),
            }
        }
        rule.frequency = frequency.ok_or("its rule has no FREQ")?;
        Ok(rule)
    }

    /// The days on which it happens, from its first on, until a day after `last`. The first is `start` itself, whatever the
    /// rule says of it.
    pub(super) fn dates(&self, start: &When, last: Date, home: &TimeZone) -> Vec<Date> {
        let first = start.date();
        let mut dates = vec![first];
        let left = |dates: &Vec<Date>| self.count.is_none_or(|count| dates.len() < count as usize);
        let mut period = self.first_period(first);
        for _ in 0..PERIODS_MAX {
            if period > last || !left(&dates) {
                break;
            }
            for date in self.of_period(period, first).into_iter().filter(|date| *date > first) {
                if self.is_past(&start.on(date), home) || date > last {
                    return dates;
                }
                if left(&dates) {
                    dates.push(date);
                }
            }
            let Some(next) = self.next_period(period) else { break };
            period = next;
        }
        dates
    }

    fn is_past(&self, occurrence: &When, home: &TimeZone) -> bool {
        match &self.until {
            None => false,
            Some(Until::Day(day)) => occurrence.date() > *day,
            Some(Until::At(at)) => occurrence.instant(home).is_none_or(|start| start > *at),
        }
    }

    fn first_period(&self, first: Date) -> Date {
        match self.frequency {
            Frequency::Daily => first,
            Frequency::Weekly => {
                let back = first.weekday().since(self.week_start);
                first.saturating_sub(i64::from(back).days())
            }
            Frequency::Monthly => first.first_of_month(),
            Frequency::Yearly => first.first_of_year(),
        }
    }

    fn next_period(&self, period: Date) -> Option<Date> {
        let n = i64::from(self.interval.min(10_000));
        let length = match self.frequency {
            Frequency::Daily => n.days(),
            Frequency::Weekly => n.weeks(),
            Frequency::Monthly => n.months(),
            Frequency::Yearly => n.years(),
        };
        period.checked_add(length).ok()
    }

    /// The days of one period, earliest first.
    fn of_period(&self, period: Date, first: Date) -> Vec<Date> {
        let mut days = match self.frequency {
            Frequency::Daily => vec![period],
            Frequency::Weekly => {
                let week = (0..7_i64).filter_map(|day| period.checked_add(day.days()).ok());
                let by_day = !self.days.is_empty();
                week.filter(|date| by_day || date.weekday() == first.weekday()).collect()
            }
            Frequency::Monthly => self.of_month(period, first),
            Frequency::Yearly => self.of_year(period, first),
        };
        days.retain(|date| self.allows(*date));
        days.sort_unstable();
        days.dedup();
        self.at_places(days)
    }

    /// What holds for every frequency, a day's place in its month or year apart.
    fn allows(&self, date: Date) -> bool {
        let month = self.months.is_empty() || self.months.contains(&date.month());
        let from_end = date.day() - date.days_in_month() - 1;
        let mut month_days = self.month_days.iter();
        let day =
            self.month_days.is_empty() || month_days.any(|d| *d == date.day() || *d == from_end);
        let mut days = self.days.iter();
        let weekday = self.days.is_empty() || days.any(|(_, day)| *day == date.weekday());
        month && day && weekday
    }

    fn of_month(&self, month: Date, first: Date) -> Vec<Date> {
        let all = || days_from(month, i64::from(month.days_in_month()));
        if self.days.is_empty() && self.month_days.is_empty() {
            // A month without that day is left out.
            return all().filter(|date| date.day() == first.day()).collect();
        }
        if self.days.is_empty() {
            all().collect()
        } else {
            self.at_weekdays(&all().collect::<Vec<_>>())
        }
    }

    fn of_year(&self, year: Date, first: Date) -> Vec<Date> {
        let month = |month: i8| Date::new(year.year(), month, 1).ok();
        if !self.months.is_empty() {
            let months = self.months.iter().filter_map(|one| month(*one));
            return months.flat_map(|month| self.of_month(month, first)).collect();
        }
        if !self.days.is_empty() {
            let all: Vec<Date> = days_from(year, i64::from(year.days_in_year())).collect();
            return self.at_weekdays(&all);
        }
        if !self.month_days.is_empty() {
            return days_from(year, i64::from(year.days_in_year())).collect();
        }
        month(first.month()).map(|month| self.of_month(month, first)).unwrap_or_default()
    }

    /// The days of a month or year that are the wanted weekdays at the wanted places.
    fn at_weekdays(&self, all: &[Date]) -> Vec<Date> {
        let of = |(place, day): &(Option<i8>, Weekday)| -> Vec<Date> {
            let same: Vec<Date> =
                all.iter().copied().filter(|date| date.weekday() == *day).collect();
            match place {
                None => same,
                Some(place) => at(&same, i16::from(*place)).into_iter().collect(),
            }
        };
        self.days.iter().flat_map(of).collect()
    }

    fn at_places(&self, days: Vec<Date>) -> Vec<Date> {
        if self.places.is_empty() {
            return days;
        }
        let mut found: Vec<Date> =
            self.places.iter().filter_map(|place| at(&days, *place)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The item at a place counted from 1, or from the end by -1.
fn at(items: &[Date], place: i16) -> Option<Date> {
    let index = match place {
        1.. => usize::try_from(place - 1).ok()?,
        _ => items.len().checked_sub(usize::from(place.unsigned_abs()))?,
    };
    items.get(index).copied()
}

fn days_from(first: Date, count: i64) -> impl Iterator<Item = Date> {
    (0..count).filter_map(move |day| first.checked_add(day.days()).ok())
}

fn frequency_of(value: &str) -> Option<Frequency> {
    match value {
        "DAILY" => Some(Frequency::Daily),
        "WEEKLY" => Some(Frequency::Weekly),
        "MONTHLY" => Some(Frequency::Monthly),
        "YEARLY" => Some(Frequency::Yearly),
        _ => None,
    }
}

fn positive(value: &str) -> Option<u32> {
    value.parse().ok().filter(|count| *count > 0)
}

/// A number that is not 0, at most `max` in either direction.
fn number<N: TryFrom<i32>>(value: &str, max: i32) -> Option<N> {
    let number: i32 = value.parse().ok()?;
    N::try_from(number).ok().filter(|_| number != 0 && number.abs() <= max)
}

fn each<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(|one| read(one.trim())).collect()
}

fn place_and_day(text: &str) -> Option<(Option<i8>, Weekday)> {
    let split = text.len().checked_sub(2)?;
    let (place, day) = (text.get(..split)?, text.get(split..)?);
    let place = if place.is_empty() { None } else { Some(number(place, 53)?) };
    Some((place, weekday(day)?))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn until(value: &str, home: &TimeZone) -> Option<Until> {
    if value.len() == 8 {
        return Date::strptime("%Y%m%d", value).ok().map(Until::Day);
    }
    let (local, zone) = match value.strip_suffix('Z') {
        Some(local) => (local, TimeZone::UTC),
        None => (value, home.clone()),
    };
    let local = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", local).ok()?;
    When::Time(local, Some(zone)).instant(home).map(Until::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(start: &str, rule: &str) -> Vec<String> {
        let home = TimeZone::get("Europe/Berlin").expect("a zone");
        let start = When::Time(start.parse().expect("a time"), Some(home.clone()));
        let rule = Rule::read(rule, &home).expect(rule);
        let last = "2028-12-31".parse().expect("a day");
        rule.dates(&start, last, &home).iter().take(6).map(ToString::to_string).collect()
    }

    /// Checked with the rules of RFC 5545 section 3.8.5.3, and its own examples where the years allow.
    #[test]
    fn rules_happen_when_the_standard_says() {
        for (start, rule, expected) in [
            ("2026-03-02T09:00", "FREQ=DAILY;COUNT=3", "2026-03-02 2026-03-03 2026-03-04"),
            (
                "2026-03-02T09:00",
                "FREQ=DAILY;INTERVAL=10;COUNT=3",
                "2026-03-02 2026-03-12 2026-03-22",
            ),
            ("2026-03-02T09:00", "FREQ=DAILY;UNTIL=20260304T075959Z", "2026-03-02 2026-03-03"),
            (
                "2026-03-02T09:00",
                "FREQ=DAILY;UNTIL=20260304T080000Z",
                "2026-03-02 2026-03-03 2026-03-04",
            ),
            ("2026-03-02T09:00", "FREQ=DAILY;UNTIL=20260303", "2026-03-02 2026-03-03"),
            (
                "2026-01-01T09:00",
                "FREQ=DAILY;BYMONTH=1;BYDAY=MO,TU;COUNT=4",
                "2026-01-01 2026-01-05 2026-01-06 2026-01-12",
            ),
            ("2026-03-03T09:00", "FREQ=WEEKLY;COUNT=3", "2026-03-03 2026-03-10 2026-03-17"),
            (
                "2026-03-02T09:00",
                "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE;COUNT=4",
                "2026-03-02 2026-03-04 2026-03-16 2026-03-18",
            ),
            (
                "1997-08-05T09:00",
                "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
                "1997-08-05 1997-08-10 1997-08-19 1997-08-24",
            ),
            (
                "1997-08-05T09:00",
                "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
                "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
            ),
            ("2026-01-31T09:00", "FREQ=MONTHLY;COUNT=3", "2026-01-31 2026-03-31 2026-05-31"),
            (
                "1997-09-05T09:00",
                "FREQ=MONTHLY;COUNT=3;BYDAY=1FR",
                "1997-09-05 1997-10-03 1997-11-07",
            ),
            (
                "1997-09-22T09:00",
                "FREQ=MONTHLY;COUNT=3;BYDAY=-2MO",
                "1997-09-22 1997-10-20 1997-11-17",
            ),
            (
                "1997-09-28T09:00",
                "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3",
                "1997-09-28 1997-10-29 1997-11-28",
            ),
            (
                "1997-09-02T09:00",
                "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3",
                "1997-09-02 1998-02-13 1998-03-13",
            ),
            (
                "1997-09-29T09:00",
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3",
                "1997-09-29 1997-10-30 1997-11-27",
            ),
            (
                "1997-06-10T09:00",
                "FREQ=YEARLY;COUNT=4;BYMONTH=6,7",
                "1997-06-10 1997-07-10 1998-06-10 1998-07-10",
            ),
            (
                "1997-05-19T09:00",
                "FREQ=YEARLY;BYDAY=20MO;COUNT=3",
                "1997-05-19 1998-05-18 1999-05-17",
            ),
            (
                "1997-03-13T09:00",
                "FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=4",
                "1997-03-13 1997-03-20 1997-03-27 1998-03-05",
            ),
            (
                "1996-11-05T09:00",
                "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3",
                "1996-11-05 2000-11-07 2004-11-02",
            ),
            ("2024-02-29T09:00", "FREQ=YEARLY;COUNT=2", "2024-02-29 2028-02-29"),
        ] {
            assert_eq!(dates(start, rule).join(" "), expected, "{rule}");
        }
    }

    #[test]
    fn a_rule_without_end_ends_where_nobody_looks_any_more() {
        let home = TimeZone::UTC;
        let start = When::Day("2001-01-01".parse().expect("a day"));
        let rule = Rule::read("FREQ=WEEKLY", &home).expect("a rule");
        let dates = rule.dates(&start, "2026-01-01".parse().expect("a day"), &home);
        assert_eq!(dates.len(), 1305);
        let never = Rule::read("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", &home).expect("a rule");
        assert_eq!(never.dates(&start, "9999-12-31".parse().expect("a day"), &home).len(), 1);
    }

    #[test]
    fn half_a_rule_is_none() {
        for rule in [
            "",
            "COUNT=3",
            "FREQ=HOURLY",
            "FREQ=DAILY;BYHOUR=9",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;INTERVAL=-1",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=MONTHLY;BYDAY=0MO",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=YEARLY;BYWEEKNO=20",
            "FREQ=DAILY;UNTIL=soon",
            "FREQ=YEARLY;BYMONTH=-1",
            "FREQ=DAILY;BYDAY=é",
        ] {
            assert!(Rule::read(rule, &TimeZone::UTC).is_err(), "{rule}");
        }
    }
}
