//! What an address of this channel is: the id of a member or of a channel. Names change, ids do not.

use std::fmt;
use std::str::FromStr;

/// The id of a member (`U…`, `W…`) or of a conversation (`C…`, `G…`, `D…`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Whether only one person reads what is sent there.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.0.starts_with(['U', 'W', 'D'])
    }
}

/// Slack's ids have 9 to 11 characters today; some room for longer ones.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=24;

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let id = of_link(text).or(of_mention(text)).unwrap_or(text).to_ascii_uppercase();
        if is_id(&id) {
            return Ok(Self(id));
        }
        let shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
        let how = if text.starts_with(['#', '@']) { ", names can change" } else { "" };
        Err(format!(
            "expected a member or channel id such as `U012AB3CD4E` or `C012AB3CD4E`{how}, got `{shown}`: \
             in Slack, open the profile and choose `Copy member ID`, or the channel's details, where the id stands last"
        ))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text has the form of an id, in upper case.
pub(crate) fn is_id(text: &str) -> bool {
    LENGTH.contains(&text.len())
        && text.starts_with(['U', 'W', 'C', 'G', 'D'])
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// `Copy link` gives `https://team.slack.com/archives/C…` or `…/team/U…`.
fn of_link(text: &str) -> Option<&str> {
    let path = text.strip_prefix("https://")?;
    let (_, rest) = path.split_once("/archives/").or(path.split_once("/team/"))?;
    rest.split(['/', '?']).next()
}

/// A copied mention: `<@U…>`, `<#C…|name>`.
fn of_mention(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("<@").or(text.strip_prefix("<#"))?.strip_suffix('>')?;
    inner.split('|').next()
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn ids_are_read_as_slack_shows_them() {
        for (text, id) in [
            ("C012AB3CD4E", "C012AB3CD4E"),
            (" u012ab3cd4e ", "U012AB3CD4E"),
            ("https://acme.slack.com/archives/C012AB3CD4E", "C012AB3CD4E"),
            ("https://acme.slack.com/archives/C012AB3CD4E/p1700000000000000?x=1", "C012AB3CD4E"),
            ("https://acme.slack.com/team/U012AB3CD4E", "U012AB3CD4E"),
            ("<@U012AB3CD4E>", "U012AB3CD4E"),
            ("<#C012AB3CD4E|ops>", "C012AB3CD4E"),
        ] {
            let address: Result<Address, _> = text.parse();
            assert_eq!(address.map(|a| a.to_string()).as_deref(), Ok(id), "{text}");
        }
    }

    #[test]
    fn names_and_other_things_are_refused_in_words() {
        for (text, why) in [
            ("#ops", "names can change"),
            ("@alice", "names can change"),
            ("", "got ``"),
            ("alice@example.org", "Copy member ID"),
            ("C012", "U012AB3CD4E"),
            ("T012AB3CD4E", "`C012AB3CD4E`"),
            ("C012AB3CD4É", "`C012AB3CD4E`"),
            ("https://acme.slack.com/", "Copy member ID"),
            ("<!channel>", "got `<!channel>`"),
        ] {
            let came = text.parse::<Address>().expect_err(text);
            assert!(came.contains(why), "{text}: {came}");
        }
        assert!("C".repeat(9999).parse::<Address>().expect_err("too long").len() < 300);
    }
}
