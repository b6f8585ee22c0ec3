//! Every bound of the plugin host in one table (I8). What a plugin may wish for lies between a default and a maximum;
//! the operator's word in `[plugin.<name>]` wins over the wish, never over the maximum.

use std::time::Duration;

/// Length of a tick, in which CPU time is counted.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Linear memory of one instance when nothing is said, in MiB.
pub(super) const MEMORY_MIB: u32 = 32;
/// Largest linear memory of one instance, in MiB.
pub(super) const MEMORY_MIB_MAX: u32 = 256;
/// Elements of one table.
pub(super) const TABLE_ELEMENTS_MAX: usize = 20_000;
/// Native stack of a guest, in bytes.
pub(super) const STACK_MAX_BYTES: usize = 512 << 10;
/// CPU time of one call, its instantiation included, when nothing is said, in milliseconds.
pub(super) const CPU_MS: u32 = 250;
/// Largest CPU time of one call, in milliseconds.
pub(super) const CPU_MS_MAX: u32 = 10_000;
/// Fewest ticks of a part of a batch, so that rounding and a late tick kill nobody.
pub(super) const CPU_TICKS_MIN: u32 = 3;
/// Wall time of one call when nothing is said, in milliseconds.
pub(super) const WALL_MS: u32 = 1_000;
/// Wall time of a channel's call when nothing is said, in milliseconds.
pub(super) const CHANNEL_WALL_MS: u32 = 10_000;
/// Largest wall time of a call that events wait for, in milliseconds.
pub(super) const WALL_MS_MAX: u32 = 5_000;
/// Largest wall time of a channel's call, in milliseconds.
pub(super) const CHANNEL_WALL_MS_MAX: u32 = 30_000;

/// Bytes that one crossing may carry from the guest to the host.
pub(super) const OUTPUT_MAX_BYTES: usize = 8 << 20;
/// Calls from the guest to the host during one call.
pub(super) const HOST_CALLS_MAX: u32 = 10_000;
/// Requests and mails during one call.
pub(super) const SENDS_MAX: u32 = 16;
/// Lines a plugin may log during one call; the rest is counted and left out.
pub(super) const LOG_LINES_PER_CALL: u32 = 50;
/// Longest line of a plugin's log, in bytes.
pub(super) const LOG_LINE_MAX_BYTES: usize = 2_048;
/// Lines kept per plugin for the console.
pub(super) const LOG_LINES_KEPT: usize = 200;
/// Lines of a backtrace in a failure.
pub(super) const BACKTRACE_FRAMES: usize = 8;
/// Longest frame of a backtrace, in bytes.
pub(super) const FRAME_MAX_BYTES: usize = 160;
/// Longest message of a failure, in bytes.
pub(super) const MESSAGE_MAX_BYTES: usize = 1_024;
/// Longest reason, identity or other short text from a plugin, in bytes.
pub(super) const TEXT_MAX_BYTES: usize = 1_024;
/// Longest text a channel asks to see again, in bytes.
pub(super) const THREAD_MAX_BYTES: usize = 4_096;
/// Largest body a plugin answers a sender or a caller with, in bytes.
pub(super) const REPLY_MAX_BYTES: usize = 256 << 10;
/// Labels, attributes, links and images of one event, or of what a filter sets in it, in bytes: as much as a payload may have.
pub(super) const LISTS_MAX_BYTES: usize = crate::limits::BODY_MAX_BYTES;
/// Links or images of one event.
pub(super) const LINKS_MAX: usize = 64;
/// Refused parts a parser may list.
pub(super) const REJECTED_MAX: usize = 1_000;
/// Longest wish for a later attempt, in seconds.
pub(super) const RETRY_AFTER_MAX_S: u32 = 3_600;

/// Keys of one plugin's state.
pub(super) const STATE_KEYS_MAX: usize = 10_000;
/// Keys and values of one plugin's state, in bytes.
pub(super) const STATE_MAX_BYTES: usize = 1 << 20;
/// Longest key of a plugin's state, in bytes.
pub(super) const STATE_KEY_MAX_BYTES: usize = 512;
/// Ended keys cleared away with one call.
pub(super) const STATE_SWEEP_MAX: usize = 256;

/// Largest body of a plugin's HTTP request, in bytes.
pub(super) const HTTP_REQUEST_MAX_BYTES: usize = 1 << 20;
/// Largest body of a response to a plugin, in bytes.
pub(super) const HTTP_RESPONSE_MAX_BYTES: usize = 1 << 20;
/// Headers of a request.
pub(super) const HTTP_HEADERS_MAX: usize = 64;
/// Names and values of all headers of a request, in bytes.
pub(super) const HTTP_HEADERS_MAX_BYTES: usize = 16 << 10;
/// How long a connection may take to come about.
pub(super) const HTTP_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an unused connection is kept; a grant taken back is effective after that at the latest.
pub(super) const HTTP_IDLE: Duration = Duration::from_secs(15);
/// Largest part of a mail, in bytes.
pub(super) const MAIL_PART_MAX_BYTES: usize = 512 << 10;
/// Longest subject, in bytes.
pub(super) const SUBJECT_MAX_BYTES: usize = 998;
/// How long the mail server may take for one command.
pub(super) const MAIL_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections to the mail server.
pub(super) const MAIL_CONNECTIONS_MAX: u32 = 8;

/// Instances of parsers at once.
pub(super) const PARSERS_AT_ONCE: usize = 16;
/// Instances of filters and routers at once.
pub(super) const JUDGES_AT_ONCE: usize = 16;
/// Memory of a packer that is kept for the next batch, in bytes; larger ones are let go.
pub(super) const PACKER_MAX_BYTES: usize = 4 << 20;
/// Instances of channels at once: as many as deliveries may be under way.
pub(super) const CHANNELS_AT_ONCE: usize = crate::limits::DELIVERIES_MAX;
/// Plugins compiled and checked at once.
pub(super) const LOADS_AT_ONCE: usize = 2;
/// Instances kept between calls for plugins that asked for `reuse`.
pub(super) const KEPT_MAX: usize = 14;
/// Instances that exist at once: the sum of all permits above, so that a permit always finds a place in the pool.
pub(super) const POOL: u32 =
    (PARSERS_AT_ONCE + JUDGES_AT_ONCE + CHANNELS_AT_ONCE + LOADS_AT_ONCE + KEPT_MAX) as u32;
/// Memory of a place in the pool that stays mapped between two instances, in bytes; measured by `cargo xtask bench`.
pub(super) const MEMORY_RESIDENT_BYTES: usize = 128 << 10;
/// Table of a place in the pool that stays mapped between two instances, in bytes.
pub(super) const TABLE_RESIDENT_BYTES: usize = 64 << 10;
/// How long a call waits for a permit before it is overload.
pub(super) const PERMIT_WAIT: Duration = crate::limits::INGEST_WAIT;
/// Calls after which a kept instance is replaced.
pub(super) const REUSE_CALLS_MAX: u32 = 1_000;

/// Events that one batch may lose to one plugin's failures before the rest of the batch passes unjudged.
pub(super) const DEAD_LETTERS_PER_BATCH: usize = 5;
/// Failures within [`CIRCUIT_WINDOW`] after which a plugin is quarantined.
pub(super) const CIRCUIT_FAILURES: usize = 5;
/// See [`CIRCUIT_FAILURES`].
pub(super) const CIRCUIT_WINDOW: Duration = Duration::from_secs(60);
/// How long a quarantine lasts before one more try, when nothing is said.
pub(super) const CIRCUIT_REST: Duration = Duration::from_secs(60);
/// The longest rest: each one soon after the last is twice as long.
pub(super) const CIRCUIT_REST_MAX: Duration = Duration::from_secs(30 * 60);
/// The same, for calendars.
pub(super) const CIRCUIT_REST_MAX_SIGNED: jiff::SignedDuration =
    jiff::SignedDuration::from_secs(30 * 60);
/// How long a plugin must keep out of quarantine for its next rest to be a short one.
pub(super) const CIRCUIT_CALM: Duration = Duration::from_secs(60 * 60);

/// Differences of a shadow kept per version; the count goes on.
pub(super) const DIFFERENCES_KEPT: usize = 200;
/// Longest text of one side of a difference, in bytes.
pub(super) const DIFFERENCE_MAX_BYTES: usize = 512;
/// Largest signature file, in bytes.
pub(super) const SIGNATURE_MAX_BYTES: u64 = 4 << 10;
/// Books of log lines kept for names that are not there any more.
pub(super) const LOGBOOKS_MAX: usize = FILES_MAX * 2;

/// Largest plugin file, in bytes.
pub(super) const FILE_MAX_BYTES: u64 = 64 << 20;
/// Largest sidecar, in bytes.
pub(super) const SIDECAR_MAX_BYTES: u64 = 256 << 10;
/// Plugin files looked at in the directory.
pub(super) const FILES_MAX: usize = 2_000;
/// Compiled plugins kept on disk.
pub(super) const CACHE_FILES_MAX: usize = FILES_MAX * 2;
/// File descriptors that plugins leave to connections, the store and the rest. Each loaded plugin takes one.
pub(super) const DESCRIPTORS_LEFT: u64 = 512;
/// Plugins that may be loaded however few descriptors there are: the shipped ones and a few more.
pub(super) const LOADED_MIN: u64 = 64;
/// Quiet time after a change in the directory before it is looked at.
pub(super) const DEBOUNCE: Duration = Duration::from_millis(100);
/// The directory is looked at this often in any case: file system events can be missed.
pub(super) const RESCAN_EVERY: Duration = Duration::from_secs(5);
/// A file's hash is trusted without reading it again only when its last change is at least this old.
pub(super) const SETTLED_AFTER: Duration = Duration::from_secs(2);
/// When a plugin is tried again that took too long to start: the machine may have been busy.
pub(super) const START_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Trouble reports waiting for a listener.
pub(super) const TROUBLE_QUEUE: usize = 256;

/// Cuts a text at a character so that it has at most `max` bytes.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
