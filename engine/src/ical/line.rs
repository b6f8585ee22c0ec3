//! Content lines: unfolded, split into name, parameters and value, with the number of the line they begin on.

/// One content line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins, from 1.
    pub(super) number: usize,
    /// In capitals.
    pub(super) name: String,
    /// Names in capitals; values without quotes.
    params: Vec<(String, String)>,
    /// As written: escapes are for texts alone.
    pub(super) value: String,
}

impl Line {
    /// A parameter's value.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value as a text: escapes undone.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => text.push('\\'),
                },
                other => text.push(other),
            }
        }
        text
    }

    /// Whether the value is this word, in whatever case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.value.trim().eq_ignore_ascii_case(word)
    }
}

/// Undoes folding and splits. `Err` is the number of a line that is none.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line, usize>> {
    let mut unfolded: Vec<(usize, String)> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, physical) in text.split('\n').enumerate() {
        let physical = physical.strip_suffix('\r').unwrap_or(physical);
        match (physical.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ if physical.trim().is_empty() => {}
            _ => unfolded.push((at + 1, physical.to_owned())),
        }
    }
    unfolded.into_iter().map(|(number, text)| split(number, &text).ok_or(number))
}

fn split(number: usize, text: &str) -> Option<Line> {
    let name_end = text.find([';', ':'])?;
    let name = &text[..name_end];
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let mut params = Vec::new();
    let mut rest = &text[name_end..];
    while let Some(after) = rest.strip_prefix(';') {
        let (param, value_on) = after.split_once('=')?;
        let (value, left) = match value_on.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value_on.split_at(value_on.find([';', ':'])?),
        };
        params.push((param.to_ascii_uppercase(), value.to_owned()));
        // Further values of the same parameter say nothing that is read here.
        rest = &left[end_of_param(left)?..];
    }
    let value = rest.strip_prefix(':')?.to_owned();
    Some(Line { number, name: name.to_ascii_uppercase(), params, value })
}

/// Where the next `;` or `:` outside quotes is.
fn end_of_param(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '"';
        (!quoted && matches!(letter, ';' | ':')).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Line {
        lines(text).next().expect("a line").expect("well-formed")
    }

    #[test]
    fn a_folded_line_is_one_and_knows_where_it_began() {
        let text = "\u{feff}BEGIN:VEVENT\r\nSUMMARY:Sum\r\n mer \r\n\tleave\r\n\r\nEND:VEVENT\r\n";
        let read: Vec<Line> = lines(text).map(|line| line.expect("well-formed")).collect();
        let names: Vec<_> = read.iter().map(|line| (line.number, line.name.as_str())).collect();
        assert_eq!(names, [(1, "BEGIN"), (2, "SUMMARY"), (6, "END")]);
        assert_eq!(read[1].value, "Summer leave");
    }

    #[test]
    fn parameters_may_be_quoted_and_hold_what_ends_others() {
        let line = one("DTSTART;TZID=\"a;b:c\";value=date-time:2026");
        assert_eq!((line.param("TZID"), line.param("VALUE")), (Some("a;b:c"), Some("date-time")));
        assert_eq!(line.value, "2026");
        let line = one("ATTENDEE;MEMBER=\"a\",\"b:c\";CN=x:mailto:x@y");
        assert_eq!((line.param("CN"), line.value.as_str()), (Some("x"), "mailto:x@y"));
    }

    #[test]
    fn texts_lose_their_escapes() {
        assert_eq!(one("SUMMARY:a\\, b\\; c\\nd\\\\e").text(), "a, b; c\nd\\e");
    }

    #[test]
    fn what_is_no_line_is_told_by_its_number() {
        for text in ["X", ":x", "A B:c", "A;B:c", "A;B=\"c:d", "<html>"] {
            assert_eq!(lines(text).next(), Some(Err(1)), "{text}");
        }
    }
}
