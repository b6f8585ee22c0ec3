//! The mail as HTML: one column, styles in place, nothing remote. Text keeps the reader's own colours, so that it is
//! readable on a light and on a dark ground; only the buttons bring theirs.

use std::fmt::Write;

use crate::view::View;

const BUTTON: &str = "display:block;padding:16px;border-radius:8px;font-weight:bold;font-size:20px;\
                      text-align:center;text-decoration:none;color:#ffffff;background-color:#1a6b3c";
const SMALL_BUTTON: &str = "display:inline-block;margin:12px 12px 0 0;padding:10px 18px;\
                            border-radius:8px;text-decoration:none;color:#ffffff;background-color:#4a5568";
const HEADING: &str = "margin:24px 0 8px;font-size:16px";
const NAME: &str = "padding:2px 12px 2px 0;vertical-align:top;opacity:0.75;white-space:nowrap";
const VALUE: &str = "padding:2px 0;vertical-align:top;word-break:break-word";

/// The whole HTML part.
pub(crate) fn page(view: &View) -> String {
    let bar = match (view.page, view.urgent) {
        (true, true) => "#c53030",
        (true, false) => "#b7791f",
        (false, _) => "#4a5568",
    };
    let words = view.language.words();
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\
         <title>{title}</title></head>\n\
         <body style=\"margin:0;padding:16px;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;\
         font-size:16px;line-height:1.4\">\n\
         <div style=\"max-width:600px;margin:0 auto\">\n\
         <p style=\"margin:0 0 8px;padding-left:10px;border-left:6px solid {bar}\">{headline}</p>\n\
         <h1 style=\"margin:0 0 16px;font-size:24px;word-break:break-word\">{title}</h1>\n",
        tag = words.tag,
        title = escaped(&view.title),
        headline = escaped(&view.headline),
    );
    body(&mut out, view);
    buttons(&mut out, view);
    table(&mut out, "", view.facts.iter().map(|(name, value)| (*name, value.as_str())));
    if !view.reason.is_empty() {
        put(&mut out, format_args!("<p>{}</p>\n", escaped(&view.reason)));
    }
    alerts(&mut out, view);
    table(&mut out, words.notes, texts(&view.attributes));
    table(&mut out, words.labels, texts(&view.labels));
    links(&mut out, view);
    let sent_by = words.sent_by;
    put(
        &mut out,
        format_args!("<p style=\"margin-top:32px;font-size:13px;opacity:0.75\">{sent_by}</p>\n"),
    );
    out.push_str("</div>\n</body></html>\n");
    out
}

/// Each line as it is; a text of many lines keeps them.
fn body(out: &mut String, view: &View) {
    if view.body.is_empty() {
        return;
    }
    let lines: Vec<String> = view.body.iter().map(|line| escaped(line)).collect();
    let lines = lines.join("<br>\n");
    put(out, format_args!("<p style=\"word-break:break-word\">{lines}</p>\n"));
}

fn buttons(out: &mut String, view: &View) {
    for (at, (text, href)) in view.buttons.iter().enumerate() {
        let style = if at == 0 { BUTTON } else { SMALL_BUTTON };
        let href = escaped(href);
        put(out, format_args!("<a href=\"{href}\" style=\"{style}\">{text}</a>\n"));
    }
}

fn alerts(out: &mut String, view: &View) {
    if view.alerts.is_empty() {
        return;
    }
    put(
        out,
        format_args!(
            "<h2 style=\"{HEADING}\">{}</h2>\n<ul style=\"margin:0;padding-left:20px\">\n",
            view.language.words().alerts
        ),
    );
    for alert in &view.alerts {
        put(out, format_args!("<li style=\"word-break:break-word\">{}</li>\n", escaped(alert)));
    }
    if view.alerts_left > 0 {
        put(out, format_args!("<li>{}</li>\n", view.language.more(view.alerts_left)));
    }
    out.push_str("</ul>\n");
}

fn links(out: &mut String, view: &View) {
    if view.links.is_empty() {
        return;
    }
    put(out, format_args!("<h2 style=\"{HEADING}\">{}</h2>\n", view.language.words().links));
    for (text, href) in &view.links {
        let (text, href) = (escaped(text), escaped(href));
        put(
            out,
            format_args!(
                "<p style=\"margin:4px 0;word-break:break-word\"><a href=\"{href}\">{text}</a></p>\n"
            ),
        );
    }
}

fn table<'a>(out: &mut String, heading: &str, rows: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    if !heading.is_empty() {
        put(out, format_args!("<h2 style=\"{HEADING}\">{heading}</h2>\n"));
    }
    out.push_str(
        "<table role=\"presentation\" style=\"margin-top:16px;border-collapse:collapse\">\n",
    );
    for (name, value) in rows {
        let (name, value) = (escaped(name), escaped(value));
        put(
            out,
            format_args!(
                "<tr><td style=\"{NAME}\">{name}</td><td style=\"{VALUE}\">{value}</td></tr>\n"
            ),
        );
    }
    out.push_str("</table>\n");
}

fn texts(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string cannot fail");
}

/// Text as it may stand in an element or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_never_becomes_markup() {
        assert_eq!(
            escaped(r#"<script>alert('x')</script> & "onload=""#),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;onload=&quot;"
        );
    }
}
