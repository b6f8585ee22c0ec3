//! Every bound of the engine in one table (I8). `docs/reference/limits.md` says what happens at each.

use std::time::Duration;

/// Largest request body at an integration's door, as received and after decompression, in bytes.
pub const BODY_MAX_BYTES: usize = 1 << 20;
/// Largest decompressed size as a multiple of the compressed one, beyond the first 64 KiB.
pub const INFLATE_MAX_RATIO: usize = 200;
/// Headers of a mail that are read, in bytes.
pub const MAIL_HEAD_MAX_BYTES: usize = 128 << 10;
/// Parts of a mail that are read, over all depths.
pub const MAIL_PARTS_MAX: usize = 256;
/// Multiparts inside each other.
pub const MAIL_DEPTH_MAX: usize = 8;
/// Attachments of a mail that a parser is given.
pub const MAIL_ATTACHMENTS_MAX: usize = 32;
/// All of them together, decoded, in bytes.
pub const MAIL_ATTACHMENTS_MAX_BYTES: usize = 4 << 20;
/// Events a parser may make of one payload.
pub const EVENTS_PER_PAYLOAD_MAX: usize = 1_000;
/// Longest title, in bytes; longer ones are cut at a character.
pub const TITLE_MAX_BYTES: usize = 1_024;
/// Longest dedup key, in bytes; longer ones are replaced by their hash.
pub const DEDUP_KEY_MAX_BYTES: usize = 512;
/// Longest details, in bytes; longer ones are refused by the host with the parser named.
pub const DETAILS_MAX_BYTES: usize = 512 << 10;
/// Labels or attributes of one event.
pub const LABELS_MAX: usize = 256;
/// Events accepted but not yet decided; beyond it senders get 503.
pub const BACKLOG_MAX: usize = 50_000;
/// Payloads in parsers at once; beyond it senders wait, then get 503.
pub const PARSING_MAX: usize = 64;
/// How long a sender waits for a place before the 503.
pub const INGEST_WAIT: Duration = Duration::from_secs(2);
/// Seconds in `Retry-After` of a 503.
pub const RETRY_AFTER_S: u32 = 5;
/// Events judged and decided in one batch.
pub const BATCH_MAX: usize = 64;
/// Human inputs and channel answers waiting for the pipeline.
pub const DOOR_QUEUE_MAX: usize = 1_024;
/// Due timers taken into one batch.
pub const DUE_BATCH_MAX: usize = 256;
/// Deliveries under way at once, over all channels.
pub const DELIVERIES_MAX: usize = 32;
/// Deliveries under way at once on one channel, so that a slow one leaves room.
pub const DELIVERIES_PER_CHANNEL_MAX: usize = 16;
/// How long an attempt waits for its incident's opening event; beyond it the page goes without the details.
pub const OPENING_EVENT_WAIT: Duration = Duration::from_secs(2);
/// Silences kept, ended ones included.
pub const SILENCES_MAX: usize = 10_000;
/// Maintenance windows kept, ended ones included.
pub const MAINTENANCE_WINDOWS_MAX: usize = 10_000;
/// Past events that a dry run of a silence or maintenance window looks at.
pub const PREVIEW_EVENTS_MAX: usize = 5_000;
/// Alerts, incidents and past events that a dry run lists; the rest is counted.
pub const PREVIEW_SHOWN_MAX: usize = 100;
/// Incidents that one report of analytics counts; beyond it the newest of the range, and it says so.
pub const ANALYTICS_INCIDENTS_MAX: u64 = 100_000;
/// Items on one page of a list.
pub const PAGE_MAX: usize = 200;
/// Shortest snooze that an answer through a channel can ask for; a shorter one becomes this.
pub const SNOOZE_MIN: Duration = Duration::from_secs(60);
/// Longest snooze that an answer through a channel can ask for; a longer one becomes this.
pub const SNOOZE_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How long an acknowledge link works.
pub const ANSWER_LINK_TTL: Duration = Duration::from_secs(24 * 3_600);
