//! How long what is kept quiet by intention may last.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::{Raw, RawLengthLimit};
use super::super::value::duration;
use super::Context;
use jiff::SignedDuration;
use nightbell_core::model::{LengthLimit, QuietLimits};

/// Shorter is of no use.
const MIN: SignedDuration = SignedDuration::from_mins(1);
/// Longer is for ever.
const MAX: SignedDuration = SignedDuration::from_hours(24 * 3_660);

/// Both limits; what is not said is [`LengthLimit::default`].
pub(super) fn limits(raw: &Raw, context: &Context<'_>) -> QuietLimits {
    QuietLimits {
        silence: limit("[silence]", &raw.silence, context),
        maintenance_window: limit("[maintenance_window]", &raw.maintenance_window, context),
    }
}

fn limit(table: &str, written: &[RawLengthLimit], context: &Context<'_>) -> LengthLimit {
    let usual = LengthLimit::default();
    let Some(written) = context.once(table, written, |limit| limit.at) else { return usual };
    let length = |written: &Option<At<String>>, usual| {
        written.as_ref().and_then(|written| length(written, context)).unwrap_or(usual)
    };
    LengthLimit {
        max: length(&written.max, usual.max),
        recurring_max: length(&written.recurring_max, usual.recurring_max),
    }
}

fn length(written: &At<String>, context: &Context<'_>) -> Option<SignedDuration> {
    let length = duration(written);
    let message = match length {
        Some(length) if (MIN..=MAX).contains(&length) => return Some(length),
        Some(_) => format!("expected a length of 1 minute to 3660 days, got {}", quoted(written)),
        None => format!("expected a length such as `30d`, got {}", quoted(written)),
    };
    let hint = "write it as \"12h\", \"30d\" or \"2 weeks\"";
    context.add(Mistake::error(written.at, message).hint(hint));
    None
}
