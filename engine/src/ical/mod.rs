//! iCalendar (RFC 5545): other people's calendars read as absences, and duty written as feeds. Pure but for its door.
//!
//! Reading order: `line` undoes the folding; `when` reads times, `rule` recurrences; `event` gathers a `VEVENT`; `read` makes
//! absences of them and names what it cannot read, by line; `write` makes a feed, and `serve` is its door. Times are this program's own zones
//! (jiff's database): a `VTIMEZONE` in the file is not believed. There is no chrono and no second zone database here, which
//! is why recurrences are expanded by our own hand.

mod event;
mod line;
mod read;
mod rule;
mod serve;
mod when;
mod windows_zones;
mod write;

pub use read::{Away, Read, Unread, read};
pub use serve::routes;
pub use write::{Entry, Feed, write};
