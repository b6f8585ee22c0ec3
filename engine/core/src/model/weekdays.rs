//! Days of the week, in any number, and how they are written.

use jiff::civil::Weekday;
use std::fmt;

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All seven.
    pub const ALL: Self = Self(0x7f);

    /// How they are written, from Monday on.
    pub const WORDS: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// Reads `mon` to `sun`, in either case, each once or more.
    ///
    /// # Errors
    /// The first word that names no day.
    pub fn parse<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, &'w str> {
        let mut days = Self::default();
        for word in words {
            let place = Self::WORDS.iter().position(|known| known.eq_ignore_ascii_case(word));
            days.0 |= 1 << place.ok_or(word)?;
        }
        Ok(days)
    }

    /// Reads `mon-fri`, `sat,sun`, `fri-mon`: days and spans with both their ends, in either case, with spaces around the words.
    /// `None` for anything else.
    pub fn parse_spans(text: &str) -> Option<Self> {
        let place = |word: &str| {
            Self::WORDS.iter().position(|known| known.eq_ignore_ascii_case(word.trim()))
        };
        let mut days = Self::default();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (place(first)?, place(last)?);
            let length = (last + 7 - first) % 7;
            (first..=first + length).for_each(|day| days.0 |= 1 << (day % 7));
        }
        Some(days)
    }

    /// `mon` to `sun`, in this order.
    pub fn words(self) -> Vec<&'static str> {
        (0..7).filter(|day| self.0 & 1 << day != 0).map(|day| Self::WORDS[day]).collect()
    }

    /// How many follow each other at most, over the week's end too: 0 to 7.
    pub fn longest_run(self) -> i64 {
        let run =
            |from: u32| (0..7).take_while(|day| self.0 & 1 << ((from + day) % 7) != 0).count();
        (0..7).map(run).max().unwrap_or(0) as i64
    }

    /// With this day.
    #[must_use]
    pub fn with(self, day: Weekday) -> Self {
        Self(self.0 | 1 << day.to_monday_zero_offset())
    }

    /// Whether the day is one of them.
    pub fn has(self, day: Weekday) -> bool {
        self.0 & 1 << day.to_monday_zero_offset() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// From Monday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::Monday.cycle_forward().take(7).filter(move |day| self.has(*day))
    }
}

/// As [`Weekdays::parse_spans`] reads it: `mon-wed,sat`.
impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_on = |day: &usize| self.0 & 1 << day != 0;
        let mut spans = Vec::new();
        let mut at = 0;
        while let Some(from) = (at..7).find(is_on) {
            let to = (from..7).take_while(is_on).last().unwrap_or(from);
            spans.push(match from == to {
                true => Self::WORDS[from].to_owned(),
                false => format!("{}-{}", Self::WORDS[from], Self::WORDS[to]),
            });
            at = to + 1;
        }
        f.write_str(&spans.join(","))
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_as_they_print_and_know_their_longest_run() {
        for (words, run) in [
            (&["mon"][..], 1),
            (&["mon", "tue", "fri"], 2),
            (&["mon", "sat", "sun"], 3),
            (&["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 7),
            (&[], 0),
        ] {
            let days = Weekdays::parse(words.iter().copied()).expect("days");
            assert_eq!((days.words(), days.longest_run()), (words.to_vec(), run));
        }
        assert_eq!(Weekdays::parse(["mon", "someday"]), Err("someday"));
        for (text, shown) in [
            ("mon-fri", "mon-fri"),
            ("Fri - mon", "mon,fri-sun"),
            ("sat,sun , wed", "wed,sat-sun"),
            ("thu-wed", "mon-sun"),
            ("tue,tue", "tue"),
        ] {
            let days = Weekdays::parse_spans(text).expect(text);
            assert_eq!(days.to_string(), shown, "{text}");
            assert_eq!(Weekdays::parse_spans(shown), Some(days));
        }
        for text in ["", "mon-", "monday", "mon-tue-wed", "mon,,tue", "m on"] {
            assert_eq!(Weekdays::parse_spans(text), None, "{text}");
        }
        assert!(Weekdays::parse(["SAT"]).is_ok_and(|days| days.has(Weekday::Saturday)));
    }
}
