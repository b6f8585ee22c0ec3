//! `[notify]` as written: how close together messages to one person may come.

use super::super::mistake::{At, Mark};
use super::super::reader::Table;

/// Most messages that may leave one by one in a first window.
const BURST_MAX: i64 = 1_000;

pub(in crate::config) struct RawNotify {
    pub(in crate::config) at: Mark,
    pub(in crate::config) usual: RawBounds,
    /// By channel's name.
    pub(in crate::config) channels: Vec<(At<String>, RawBounds)>,
}

#[derive(Default)]
pub(in crate::config) struct RawBounds {
    pub(in crate::config) window: Option<At<String>>,
    pub(in crate::config) window_max: Option<At<String>>,
    pub(in crate::config) urgent_window_max: Option<At<String>>,
    pub(in crate::config) burst: Option<u32>,
}

impl RawNotify {
    pub(super) fn read(table: Table<'_>) -> Self {
        let mut channels = Vec::new();
        let all =
            table.optional("channel").and_then(|value| value.table("[notify.channel.<name>]"));
        for (name, value) in all.map(|all| all.entries()).unwrap_or_default() {
            let header = format!("[notify.channel.{}]", name.value);
            if let Some(table) = value.table(&header) {
                let bounds = RawBounds::read(&table);
                table.finish();
                channels.push((name, bounds));
            }
        }
        let notify = Self { at: table.at, usual: RawBounds::read(&table), channels };
        table.finish();
        notify
    }
}

impl RawBounds {
    fn read(table: &Table<'_>) -> Self {
        let text = |key| table.optional(key).and_then(|value| value.string());
        let burst = table.optional("burst").and_then(|value| value.integer(1..=BURST_MAX));
        Self {
            window: text("window"),
            window_max: text("window_max"),
            urgent_window_max: text("urgent_window_max"),
            burst: burst.and_then(|burst| u32::try_from(burst).ok()),
        }
    }
}
