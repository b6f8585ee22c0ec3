//! How days of the week and times of the day are read: `mon-fri`, `09:00`, `mon 09:00`. Pure.

use jiff::civil::{Time, Weekday};
use nightbell_core::model::Weekdays;

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

/// Reads `mon` or `Monday`.
fn weekday(text: &str) -> Option<Weekday> {
    let text = text.trim().to_lowercase();
    let is_it = |name: &str| name == text || (text.len() == 3 && name.starts_with(&text));
    DAYS.iter().find(|(_, name)| is_it(name)).map(|(day, _)| *day)
}

/// Reads one day, or a span as `mon-fri` or `fri-mon`, both ends included.
pub(super) fn weekdays(text: &str) -> Option<Weekdays> {
    let Some((first, last)) = text.split_once('-') else {
        return weekday(text).map(|day| Weekdays::default().with(day));
    };
    let (first, last) = (weekday(first)?, weekday(last)?);
    let days = first.cycle_forward().take(7);
    let before = days.clone().take_while(|day| *day != last);
    Some(before.chain([last]).collect())
}

/// Reads `09:00` or `09:00:30`; `24:00` is midnight, as an end.
pub(super) fn clock(text: &str) -> Option<Time> {
    let mut parts = text.trim().split(':');
    let mut number = || {
        let part = parts.next()?;
        let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<i8>().ok())?
    };
    let (hour, minute) = (number()?, number()?);
    let second = number();
    if parts.next().is_some()
        || text.trim().matches(':').count() != 1 + usize::from(second.is_some())
    {
        return None;
    }
    match (hour, minute, second.unwrap_or(0)) {
        (24, 0, 0) => Some(Time::midnight()),
        (hour, minute, second) => Time::new(hour, minute, second, 0).ok(),
    }
}

/// Reads `mon 09:00`.
pub(super) fn week_point(text: &str) -> Option<(Weekday, Time)> {
    let (day, time) = text.trim().split_once(char::is_whitespace)?;
    Some((weekday(day)?, clock(time)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn days_are_read_alone_and_in_spans() {
        let names = |text| weekdays(text).map(|days| days.iter().count());
        assert_eq!(names("mon"), Some(1));
        assert_eq!(names("Monday"), Some(1));
        assert_eq!(names("mon-fri"), Some(5));
        assert_eq!(names("fri - mon"), Some(4), "round the week's end");
        assert_eq!(names("sat-sat"), Some(1));
        for wrong in ["", "m", "mond", "1", "mon-", "mon-fri-sun", "mo"] {
            assert_eq!(names(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_of_the_day_are_hours_and_minutes() {
        assert_eq!(clock("09:00"), Some(time(9, 0, 0, 0)));
        assert_eq!(clock("23:59:59"), Some(time(23, 59, 59, 0)));
        assert_eq!(clock("24:00"), Some(Time::midnight()));
        for wrong in
            ["", "9:00", "09", "09:60", "24:01", "09:00Z", "09:00:", "09:00:00:00", "ab:cd"]
        {
            assert_eq!(clock(wrong), None, "{wrong}");
        }
        assert_eq!(week_point("fri 17:30"), Some((Weekday::Friday, time(17, 30, 0, 0))));
        assert_eq!(week_point("17:30"), None);
    }
}
