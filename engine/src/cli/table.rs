//! Tables for people: no borders, one line an item; on a narrow terminal one small card an item. Pure.

use super::look::{Look, Tone, paint, safe};
use comfy_table::{Attribute, Cell as Inner, Color, ContentArrangement, presets};

/// Below so many columns a table that does not fit becomes cards.
const CARDS_BELOW: usize = 80;

/// One value, made safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    tone: Tone,
}

/// A value in no special tone.
pub(super) fn cell(text: impl AsRef<str>) -> Cell {
    Cell { text: safe(text.as_ref()), tone: Tone::Plain }
}

impl Cell {
    /// The same in a tone.
    #[must_use]
    pub(super) fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// The same in the tone of the state that it names.
    #[must_use]
    pub(super) fn state(self) -> Self {
        let tone = Tone::of(&self.text);
        self.tone(tone)
    }
}

/// Rows under headings.
#[derive(Clone, Debug)]
pub(super) struct Table {
    headings: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table.
    pub(super) fn new(headings: &'static [&'static str]) -> Self {
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row, one cell under each heading.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The terminal's width; `None` when standard output is no terminal.
    pub(super) fn terminal_width() -> Option<usize> {
        comfy_table::Table::new().width().map(usize::from)
    }

    /// As text, without a line end. Empty without rows: say in words that there is nothing.
    pub(super) fn render(&self, look: &Look) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let mut table = self.laid_out(look.color);
        let natural = table.column_max_content_widths();
        let needed: usize = natural.iter().map(|width| usize::from(*width) + 2).sum();
        let Some(width) = look.width.filter(|width| needed > *width + 2) else {
            return trimmed(&table);
        };
        if width < CARDS_BELOW {
            return self.cards(look.color);
        }
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        trimmed(&table)
    }

    fn laid_out(&self, color: bool) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.force_no_tty();
        if color {
            table.enforce_styling();
        }
        let heading = |text: &&str| Inner::new(text.to_uppercase()).add_attribute(Attribute::Dim);
        table.set_header(self.headings.iter().map(heading));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| toned(Inner::new(&cell.text), cell.tone)));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        table
    }

    /// The first cell, then one line for each other cell that says something.
    fn cards(&self, color: bool) -> String {
        let longest = self.headings.iter().skip(1).map(|heading| heading.len()).max().unwrap_or(0);
        let mut cards = Vec::new();
        for row in &self.rows {
            let mut lines = Vec::new();
            for (at, (heading, cell)) in self.headings.iter().zip(row).enumerate() {
                let value = paint(&cell.text, cell.tone, color);
                if at == 0 {
                    lines.push(value);
                } else if !cell.text.is_empty() {
                    let heading = paint(&format!("{heading:longest$}"), Tone::Quiet, color);
                    lines.push(format!("  {heading}  {value}"));
                }
            }
            cards.push(lines.join("\n"));
        }
        cards.join("\n\n")
    }
}

fn toned(cell: Inner, tone: Tone) -> Inner {
    match tone {
        Tone::Plain => cell,
        Tone::Strong => cell.add_attribute(Attribute::Bold),
        Tone::Quiet => cell.add_attribute(Attribute::Dim),
        Tone::Good => cell.fg(Color::DarkGreen),
        Tone::Warn => cell.fg(Color::DarkYellow).add_attribute(Attribute::Bold),
        Tone::Bad => cell.fg(Color::DarkRed).add_attribute(Attribute::Bold),
        Tone::Note => cell.fg(Color::DarkCyan).add_attribute(Attribute::Bold),
    }
}

fn trimmed(table: &comfy_table::Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Names and values below each other; those without a value are left out.
pub(super) fn facts(pairs: &[(&str, Cell)], look: &Look) -> String {
    let said = || pairs.iter().filter(|(_, cell)| !cell.text.is_empty());
    let longest = said().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (name, cell) in said() {
        let name = paint(&format!("{name:longest$}"), Tone::Quiet, look.color);
        lines.push(format!("{name}  {}", paint(&cell.text, cell.tone, look.color)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn look(width: Option<usize>) -> Look {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        Look { width, color: false, now, zone: TimeZone::UTC }
    }

    fn table() -> Table {
        let mut table = Table::new(&["number", "status", "title"]);
        table.row([cell("7"), cell("triggered").state(), cell("Disk full on db1")]);
        table.row([cell("12"), cell(""), cell("ディスク満杯")]);
        table
    }

    #[test]
    fn a_table_has_one_line_an_item() {
        insta::assert_snapshot!(table().render(&look(None)), @r"
        NUMBER  STATUS     TITLE
        7       triggered  Disk full on db1
        12                 ディスク満杯
        ");
    }

    #[test]
    fn a_narrow_terminal_gets_cards() {
        insta::assert_snapshot!(table().render(&look(Some(30))), @r"
        7
          status  triggered
          title   Disk full on db1

        12
          title   ディスク満杯
        ");
    }

    #[test]
    fn a_wide_terminal_wraps_the_long_column() {
        let mut table = Table::new(&["number", "title"]);
        table.row([cell("7"), cell("word ".repeat(30))]);
        let shown = table.render(&look(Some(80)));
        assert!(shown.lines().count() > 2, "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }

    #[test]
    fn facts_without_a_value_are_left_out() {
        let pairs =
            [("status", cell("triggered")), ("snoozed", cell("")), ("service", cell("shop"))];
        insta::assert_snapshot!(facts(&pairs, &look(None)), @r"
        status   triggered
        service  shop
        ");
    }
}
