//! What an address of this channel is: `sms:` or `voice:` and a number in international form. A number alone is `sms`.

use std::fmt;
use std::str::FromStr;

/// How a person is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A text message.
    Sms,
    /// A call.
    Voice,
}

/// A way and a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Message or call.
    pub way: Way,
    /// E.164: `+`, country code, number; digits only.
    pub number: String,
}

/// E.164 allows 15 digits; no country's mobile numbers have fewer than 7 with the country code.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (way, written) = match text.split_once(':') {
            None => (Way::Sms, text),
            Some((way, number)) if way.trim().eq_ignore_ascii_case("sms") => (Way::Sms, number),
            Some((way, number)) if way.trim().eq_ignore_ascii_case("voice") => (Way::Voice, number),
            Some(_) => {
                return Err(format!(
                    "expected `sms:+…` for text messages or `voice:+…` for calls, got `{}`",
                    shown(text)
                ));
            }
        };
        Ok(Self { way, number: number(written)? })
    }
}

/// The usual form, which [`FromStr`] reads again.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.way {
            Way::Sms => "sms",
            Way::Voice => "voice",
        };
        write!(f, "{way}:{}", self.number)
    }
}

/// A number in E.164 form. What people put between the digits is left out, and wide digits are read as digits.
///
/// # Errors
/// In words for the person who entered it.
pub(crate) fn number(written: &str) -> Result<String, String> {
    let wrong = |what: &str| {
        Err(format!(
            "expected a number with its country code, such as `+81 90 1234 5678`, got `{}`: {what}",
            shown(written.trim())
        ))
    };
    let narrow: String = written.chars().map(narrowed).filter(|c| !is_between(*c)).collect();
    // `+44 (0)20 …` is read by people as `+4420…`; left in, the nought makes it another number.
    if narrow.contains("(0)") {
        return wrong("leave the `(0)` out");
    }
    let plain: String = narrow.chars().filter(|c| !matches!(c, '(' | ')')).collect();
    let Some(digits) = plain.strip_prefix('+') else {
        return wrong("it does not begin with `+` and the country code");
    };
    if let Some(odd) = digits.chars().find(|c| !c.is_ascii_digit()) {
        return wrong(&format!("`{}` is no digit", odd.escape_debug()));
    }
    if digits.starts_with('0') {
        return wrong("no country code begins with 0");
    }
    if !DIGITS.contains(&digits.len()) {
        return wrong(&format!("it has {} digits, not 7 to 15", digits.len()));
    }
    Ok(plain)
}

pub(crate) fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    }
}

/// Spaces of every width, dashes, and the invisible marks that come with a copied number.
fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

/// As much as is repeated to the person.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn check(text: &str, expected: &str) {
        assert_eq!(text.parse().map(|a: Address| a.to_string()).as_deref(), Ok(expected), "{text}");
    }

    fn refused(text: &str, why: &str) {
        let came = text.parse::<Address>().expect_err(text);
        assert!(came.contains(why), "{text}: {came}");
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        check("+819012345678", "sms:+819012345678");
        check(" sms: +81 90-1234-5678 ", "sms:+819012345678");
        check("VOICE:+1 (415) 555.0100", "voice:+14155550100");
        check("＋８１ ９０ー１２３４ー５６７８", "sms:+819012345678");
        check("\u{202a}+44 20 7946 0958\u{202c}", "sms:+442079460958");
        check("+290 2123", "sms:+2902123");
        check("sms:+123456789012345", "sms:+123456789012345");
    }

    #[test]
    fn what_is_read_is_its_own_usual_form() {
        for text in ["+819012345678", "voice:+1 (415) 555-0100"] {
            let address: Address = text.parse().expect("valid");
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn wrong_numbers_are_refused_in_words() {
        refused("", "does not begin with `+`");
        refused("090-1234-5678", "does not begin with `+`");
        refused("00819012345678", "does not begin with `+`");
        refused("+44 (0)20 7946 0958", "leave the `(0)` out");
        refused("+0819012345678", "no country code begins with 0");
        refused("+81 90 1234 567x", "`x` is no digit");
        refused("+8190+1234567", "`+` is no digit");
        refused("+12345", "5 digits");
        refused("+1234567890123456", "16 digits");
        refused("+", "0 digits");
        refused("mailto:a@example.org", "`sms:+…` for text messages or `voice:+…` for calls");
        refused(&"9".repeat(10_000), "got `9999");
        assert!("9".repeat(10_000).parse::<Address>().expect_err("too long").len() < 200);
    }
}
