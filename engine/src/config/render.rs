//! How mistakes look on a terminal: message, place, source line with carets, hint. Pure: text in, text out.

use super::mask::{Hidden, hidden};
use super::mistake::{Finding, Gravity, Mark, Mistake, Mistakes, is_unprintable};
use super::source::Source;
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Most findings that are printed; the rest is counted.
const SHOWN_MAX: usize = 100;
/// Narrowest width that is respected.
const WIDTH_MIN: usize = 40;

/// See [`Mistakes::render`].
pub(super) fn render(mistakes: &Mistakes, color: bool, width: usize) -> String {
    if mistakes.is_empty() {
        return String::new();
    }
    let mut page = Page {
        out: String::new(),
        color,
        width: width.max(WIDTH_MIN),
        sources: &mistakes.sources,
        hidden: BTreeMap::new(),
    };
    for mistake in mistakes.list.iter().take(SHOWN_MAX) {
        page.mistake(mistake);
    }
    page.summary(mistakes);
    page.out
}

/// See [`Mistakes::findings`].
pub(super) fn finding(mistake: &Mistake, sources: &[Source]) -> Finding {
    let place = mistake.at.and_then(|mark| Place::of(mark, sources));
    Finding {
        gravity: mistake.gravity,
        file: place.as_ref().map(|place| place.file.clone()),
        line: place.as_ref().map(|place| place.line),
        column: place.as_ref().map(|place| place.column),
        message: mistake.message.clone(),
        hint: mistake.hint.clone(),
    }
}

/// A mark in the words of an editor.
struct Place {
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    /// The line's first byte, and the byte after its last.
    start: usize,
    end: usize,
}

impl Place {
    fn of(mark: Mark, sources: &[Source]) -> Option<Self> {
        let source = sources.get(mark.file)?;
        let text = &source.text;
        let mut at = mark.start.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        // The end of the file belongs to its last line that says something.
        if at == text.len() {
            at = text.trim_end().len();
        }
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
        Some(Self {
            file: source.path.display().to_string(),
            line: text[..start].matches('\n').count() + 1,
            column: text[start..at].chars().count() + 1,
            start,
            end: start + text[start..end].trim_end().len(),
        })
    }
}

struct Page<'m> {
    out: String,
    color: bool,
    width: usize,
    sources: &'m [Source],
    /// What must not be shown, by file.
    hidden: BTreeMap<usize, Vec<Hidden>>,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const FRAME: Style = AnsiColor::Blue.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const BOLD: Style = Style::new().bold();

impl Page<'_> {
    fn mistake(&mut self, mistake: &Mistake) {
        let (word, style) = match mistake.gravity {
            Gravity::Error => ("error", ERROR),
            Gravity::Warning => ("warning", WARNING),
        };
        self.paint(style, word);
        let message = format!(": {}\n", mistake.message);
        self.paint(BOLD, &message);
        let marks = mistake
            .at
            .map(|mark| (mark, mistake.label.as_str(), style))
            .into_iter()
            .chain(mistake.also.iter().map(|(mark, label)| (*mark, label.as_str(), FRAME)));
        let places: Vec<_> = marks
            .filter_map(|(mark, label, style)| {
                Place::of(mark, self.sources).map(|place| (mark, place, label, style))
            })
            .collect();
        let last_line = places.iter().map(|(_, place, _, _)| place.line).max().unwrap_or(0);
        let margin = last_line.to_string().len();
        for (at, (mark, place, label, style)) in places.iter().enumerate() {
            let arrow = if at == 0 { "-->" } else { ":::" };
            self.place(arrow, margin, place);
            // The start of a file stands for the file: there is nothing to point at.
            if mark.end > 0 {
                self.excerpt(*mark, place, margin, (label, *style));
            }
        }
        if !mistake.hint.is_empty() {
            let _ = write!(self.out, "{:margin$}", "");
            self.paint(HINT, " hint");
            let _ = writeln!(self.out, ": {}", mistake.hint);
        }
        self.out.push('\n');
    }

    fn place(&mut self, arrow: &str, margin: usize, place: &Place) {
        let _ = write!(self.out, "{:margin$}", "");
        self.paint(FRAME, arrow);
        let _ = writeln!(self.out, " {}:{}:{}", place.file, place.line, place.column);
    }

    fn excerpt(&mut self, mark: Mark, place: &Place, margin: usize, label: (&str, Style)) {
        let (line, from, to) = self.line(mark, place);
        let room = self.width.saturating_sub(margin + 3);
        let (line, from, to) = cut(&line, from, to, room);
        self.paint(
            FRAME,
            &format!("{:margin$} |\n{} |", "", format_args!("{:>margin$}", place.line)),
        );
        let _ = writeln!(self.out, " {line}");
        self.paint(FRAME, &format!("{:margin$} |", ""));
        let _ = write!(self.out, " {:from$}", "");
        let carets = "^".repeat((to - from).max(1));
        let (label, style) = label;
        let text = if label.is_empty() { carets } else { format!("{carets} {label}") };
        self.paint(style, &text);
        self.out.push('\n');
    }

    /// The line as it is shown, and the columns of the mark in it.
    fn line(&mut self, mark: Mark, place: &Place) -> (String, usize, usize) {
        let Some(source) = self.sources.get(mark.file) else { return (String::new(), 0, 0) };
        let hidden = self.hidden.entry(mark.file).or_insert_with(|| hidden(&source.text));
        let mut hidden = hidden.iter().filter(|hidden| hidden.range.end > place.start).peekable();
        let (mut line, mut columns) = (String::new(), 0);
        let (mut from, mut to) = (None, None);
        for (offset, c) in source.text[place.start..place.end].char_indices() {
            let at = place.start + offset;
            while hidden.peek().is_some_and(|hidden| hidden.range.end <= at) {
                hidden.next();
            }
            if at >= mark.start {
                from.get_or_insert(columns);
            }
            if at >= mark.end {
                to.get_or_insert(columns);
            }
            let replaced = hidden.peek().filter(|hidden| hidden.range.contains(&at));
            if let Some(hidden) = replaced {
                if at == hidden.range.start.max(place.start) {
                    line.push_str(hidden.instead);
                    columns += hidden.instead.len();
                }
                continue;
            }
            match c {
                '\t' => line.push_str("    "),
                c if is_unprintable(c) => line.push('\u{fffd}'),
                c => line.push(c),
            }
            columns += columns_of(c);
        }
        let from = from.unwrap_or(columns);
        (line.trim_end().to_owned(), from, to.unwrap_or(columns).max(from))
    }

    fn summary(&mut self, mistakes: &Mistakes) {
        if mistakes.list.len() > SHOWN_MAX {
            let _ = writeln!(self.out, "… and {} more\n", mistakes.list.len() - SHOWN_MAX);
        }
        let mut parts = Vec::new();
        for (count, word) in [(mistakes.errors(), "error"), (mistakes.warnings(), "warning")] {
            if count > 0 {
                parts.push(format!("{count} {word}{}", if count == 1 { "" } else { "s" }));
            }
        }
        let files = self.sources.len();
        let _ = writeln!(
            self.out,
            "found {} in {files} file{}",
            parts.join(" and "),
            if files == 1 { "" } else { "s" }
        );
    }

    fn paint(&mut self, style: Style, text: &str) {
        if self.color {
            let _ = write!(self.out, "{style}{text}{style:#}");
        } else {
            self.out.push_str(text);
        }
    }
}

/// Cuts a line to `room` columns around the mark.
fn cut(line: &str, from: usize, to: usize, room: usize) -> (String, usize, usize) {
    let total: usize = line.chars().map(columns_of).sum();
    if total <= room {
        return (line.to_owned(), from, to);
    }
    let room = room - 2;
    let skipped = if to <= room { 0 } else { from.saturating_sub(room / 4) };
    let (mut out, mut column, mut taken) = (String::new(), 0, 0);
    let mut shift = 0;
    if skipped > 0 {
        out.push('…');
        shift = 1;
    }
    for c in line.chars() {
        let wide = columns_of(c);
        if column >= skipped {
            if taken + wide > room {
                out.push('…');
                break;
            }
            out.push(c);
            taken += wide;
        }
        column += wide;
    }
    let move_left = |at: usize| (at.saturating_sub(skipped) + shift).min(taken + shift);
    let (from, to) = (move_left(from), move_left(to));
    (out, from, to)
}

/// How many columns a terminal gives a character: two for East Asian wide ones and pictures, none for marks that join.
fn columns_of(c: char) -> usize {
    match u32::from(c) {
        9 => 4,
        0x300..=0x36f | 0x200b..=0x200d | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str, start: usize, end: usize, width: usize) -> String {
        let source = Source { path: "n.toml".into(), text: text.to_owned() };
        let mark = Mark { file: 0, start, end };
        let mistake = Mistake::error(mark, "it is wrong").label("here").hint("mend it");
        Mistakes { list: vec![mistake], sources: vec![source] }.render(false, width)
    }

    #[test]
    fn carets_stand_under_wide_characters_and_tabs() {
        let text = "people\t= [\"鐘\", \"x\"]";
        let at = text.find("\"x").expect("it is there");
        let expected = "error: it is wrong\n --> n.toml:1:16\n  |\n1 | people    = [\"鐘\", \"x\"]\n  \
                        |                    ^^^ here\n  hint: mend it\n\nfound 1 error in 1 file\n";
        assert_eq!(page(text, at, at + 3, 80), expected);
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let text = format!("name = \"{}BAD{}\"", "a".repeat(200), "b".repeat(200));
        let at = text.find("BAD").expect("it is there");
        let shown = page(&text, at, at + 3, 60);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 66), "{shown}");
        let column = lines[4].find('^').expect("a caret");
        assert_eq!(lines[3].chars().skip(column).take(3).collect::<String>(), "BAD", "{shown}");
    }

    #[test]
    fn a_hidden_value_moves_the_caret() {
        let text = "key = \"0123456789\" oops";
        let at = text.find("oops").expect("it is there");
        let shown = page(text, at, at + 4, 80);
        assert!(!shown.contains("0123456789"), "{shown}");
        assert!(shown.contains("1 | key = \"***\" ***\n  |             ^^^ here"), "{shown}");
    }

    #[test]
    fn an_end_inside_a_character_or_beyond_the_file_does_not_panic() {
        for (start, end) in [(0, 0), (1, 2), (3, 9), (99, 120)] {
            assert!(page("鐘鐘\n", start, end, 80).contains("n.toml:1:"));
        }
        assert!(page("", 0, 0, 0).contains("n.toml:1:1"));
    }

    #[test]
    fn colour_changes_no_text() {
        let source = Source { path: "n.toml".into(), text: "a = 1".to_owned() };
        let mistake = Mistake::warning(Mark { file: 0, start: 0, end: 1 }, "m").hint("h");
        let mistakes = Mistakes { list: vec![mistake], sources: vec![source] };
        let colored = mistakes.render(true, 80);
        assert!(colored.contains("\u{1b}["));
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), mistakes.render(false, 80));
    }
}
