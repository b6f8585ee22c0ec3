//! The mail as plain text.

use std::fmt::Write;

use crate::view::View;

/// The whole text part.
pub(crate) fn page(view: &View) -> String {
    let words = view.language.words();
    let mut out = format!("{}\n\n{}\n", view.headline, view.title);
    section(&mut out, "", view.body.iter().cloned());
    section(&mut out, "", view.buttons.iter().map(|(text, href)| format!("{text}: {href}")));
    section(&mut out, "", view.facts.iter().map(|(name, value)| format!("{name}: {value}")));
    if !view.reason.is_empty() {
        section(&mut out, "", std::iter::once(view.reason.clone()));
    }
    let left = (view.alerts_left > 0).then(|| view.language.more(view.alerts_left));
    section(
        &mut out,
        words.alerts,
        view.alerts.iter().cloned().chain(left).map(|line| format!("- {line}")),
    );
    section(
        &mut out,
        words.notes,
        view.attributes.iter().map(|(name, value)| format!("{name}: {value}")),
    );
    let labels = view.labels.iter().map(|(name, value)| format!("{name}={value}"));
    section(&mut out, words.labels, labels);
    section(
        &mut out,
        words.links,
        view.links.iter().map(|(text, href)| match text == href {
            true => href.clone(),
            false => format!("{text}: {href}"),
        }),
    );
    out.push_str(&format!("\n{}\n", words.sent_by));
    out
}

/// An empty line, a heading if it has one, and the lines; nothing when there are none.
fn section(out: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    for (at, line) in lines.enumerate() {
        if at == 0 {
            out.push('\n');
            if !heading.is_empty() {
                writeln!(out, "{heading}:").expect("writing to a string cannot fail");
            }
        }
        writeln!(out, "{line}").expect("writing to a string cannot fail");
    }
}
