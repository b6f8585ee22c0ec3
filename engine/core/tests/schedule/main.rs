//! Schedules: laws, and an independent reading of the rules, over random calendars.

mod laws;
mod oracle;
mod random;
mod swaps;
