//! Text of alerts as text in Slack's `mrkdwn`: never a mention, never a link, cut to Slack's limits.

/// One line, with what has a meaning to Slack escaped, of at most `max_chars` characters as Slack counts them at worst:
/// escaped.
pub(crate) fn line(text: &str, max_chars: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut out = String::new();
    let mut room = max_chars;
    for word in words.filter(|word| !word.is_empty()) {
        if !out.is_empty() && !push(&mut out, &mut room, " ") {
            return out;
        }
        for c in word.chars() {
            let mut buffer = [0; 4];
            let written = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                c => c.encode_utf8(&mut buffer),
            };
            if !push(&mut out, &mut room, written) {
                return out;
            }
        }
    }
    out
}

/// Keeps one character for the ellipsis; false when the line has ended.
fn push(out: &mut String, room: &mut usize, written: &str) -> bool {
    let length = written.chars().count();
    if length < *room {
        out.push_str(written);
        *room -= length;
        return true;
    }
    if *room > 0 {
        out.push('…');
        *room = 0;
    }
    false
}

/// An instant that Slack shows in the reader's own zone.
pub(crate) fn instant(at_ms: i64) -> String {
    let seconds = at_ms.div_euclid(1000);
    format!("<!date^{seconds}^{{date_short_pretty}} {{time}}|{}>", utc(seconds))
}

/// For clients that cannot: the proleptic Gregorian calendar, after Howard Hinnant's `civil_from_days`.
fn utc(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months are counted from March.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + year_of_era + era * 400;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", second / 3600, second / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::{line, utc};

    #[test]
    fn nothing_in_it_means_anything_to_slack() {
        assert_eq!(line("<!channel> & <@U1>", 99), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
        assert_eq!(line(" a\r\n\u{1b}b  c ", 99), "a b c");
        assert_eq!(line("", 99), "");
    }

    #[test]
    fn a_line_is_cut_between_characters_and_never_inside_an_escape() {
        assert_eq!(line("abcdef", 6), "abcde…");
        assert_eq!(line("abcdef", 7), "abcdef");
        assert_eq!(line("a&b", 5), "a…");
        assert_eq!(line("東京 東京", 4), "東京 …");
        assert_eq!(line("x", 0), "");
        for max in 0..40 {
            let cut = line(&"<&>x ".repeat(20), max);
            assert!(cut.chars().count() <= max, "{max}: {cut}");
            assert_eq!(cut.matches('&').count(), cut.matches(';').count(), "{max}: {cut}");
        }
    }

    #[test]
    fn instants_are_dates_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00 UTC"),
            (1_767_603_659, "2026-01-05 09:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (4_107_542_399, "2100-02-28 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
            (-1, "1969-12-31 23:59 UTC"),
        ] {
            assert_eq!(utc(seconds), text);
        }
        utc(i64::MAX / 1000);
        utc(i64::MIN / 1000);
    }
}
