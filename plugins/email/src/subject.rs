//! The subject: what must be seen without opening the mail.

use nightbell_plugin::{Notification, Purpose, Urgency};

use crate::view::clean;
use crate::words::Language;

/// As much of a title as a phone's list and every mail server take.
const TITLE_MAX_CHARS: usize = 150;

/// `HIGH [#42] Checkout is down`, `[#42] resolved: Checkout is down`, `[test] Checkout is down`; a notice's own
/// headline.
///
/// Always one line without control characters: nothing that comes from an event can add a header.
pub(crate) fn line(notification: &Notification) -> String {
    let incident = &notification.incident;
    let title: String = clean(&incident.title).chars().take(TITLE_MAX_CHARS).collect();
    let language = Language::of(&notification.language);
    match notification.purpose {
        Purpose::Test => return format!("{} {title}", language.words().test_mark),
        Purpose::Notice => return title,
        Purpose::Page | Purpose::StatusUpdate => {}
    }
    let number = incident.number;
    match (incident.status.as_str(), incident.urgency) {
        ("triggered", Urgency::High) => format!("{} [#{number}] {title}", language.words().high),
        ("triggered", Urgency::Low) => format!("[#{number}] {title}"),
        (status, _) => format!("[#{number}] {}: {title}", language.status(&clean(status))),
    }
}

#[cfg(test)]
mod tests {
    use crate::view::clean;

    #[test]
    fn a_line_break_never_reaches_a_header() {
        assert_eq!(clean("a\r\nBcc: x@example.org"), "a Bcc: x@example.org");
        assert_eq!(clean(" \u{1b}[31mred\u{7f}\0 \u{85}end\u{2028}"), "[31mred end");
        assert_eq!(clean("abc\u{202e}fed\u{2066}x"), "abcfedx");
        assert_eq!(clean("👩‍🔧 東京"), "👩‍🔧 東京");
    }
}
