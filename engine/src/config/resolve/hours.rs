//! Hours of the week: of a step's condition, and of a service's support.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::{RawHours, RawSupportHours};
use super::Context;
use super::people::time_zone;
use jiff::tz::TimeZone;
use nightbell_core::model::{Hours, SupportHours, Urgency, WINDOWS_MAX, Window};

/// Hours; what is wrong in them is reported, and left out.
pub(super) fn hours(raw: &RawHours, context: &Context<'_>) -> Hours {
    let zone = raw.time_zone.as_ref().map_or(TimeZone::UTC, |zone| time_zone(zone, context));
    let windows = raw.windows.as_ref().map(|list| windows(list, context)).unwrap_or_default();
    Hours { time_zone: zone, windows }
}

fn windows(list: &At<Vec<At<String>>>, context: &Context<'_>) -> Vec<Window> {
    let hint = "write each as \"mon-fri 09:00-17:00\", \"sat,sun 00:00-24:00\" or \"22:00-06:00\"";
    let count = list.value.len();
    if count == 0 || count > WINDOWS_MAX {
        let message = format!("expected 1 to {WINDOWS_MAX} windows, got {count}");
        context.add(Mistake::error(list.at, message).hint(hint));
    }
    let read = list.value.iter().filter_map(|written| {
        let window = Window::parse(written);
        if window.is_none() {
            let message = format!("expected hours of the week, got {}", quoted(written));
            context.add(Mistake::error(written.at, message).hint(hint));
        }
        window
    });
    read.take(WINDOWS_MAX).collect()
}

/// When a service is looked after.
pub(super) fn support_hours(raw: &RawSupportHours, context: &Context<'_>) -> SupportHours {
    let side = |written: &Option<At<String>>, default| {
        written
            .as_ref()
            .and_then(|written| {
                urgency(written, "leave it out for high inside and low outside", context)
            })
            .unwrap_or(default)
    };
    SupportHours {
        hours: hours(&raw.hours, context),
        inside: side(&raw.inside, Urgency::High),
        outside: side(&raw.outside, Urgency::Low),
    }
}

/// `high` or `low`; else reported.
pub(super) fn urgency(written: &At<String>, hint: &str, context: &Context<'_>) -> Option<Urgency> {
    match written.as_str() {
        "high" => Some(Urgency::High),
        "low" => Some(Urgency::Low),
        _ => {
            let message = format!("expected `high` or `low`, got {}", quoted(written));
            context.add(Mistake::error(written.at, message).hint(hint.to_owned()));
            None
        }
    }
}
