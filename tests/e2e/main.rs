//! Promises that are kept through the real binary, one file each.
//!
//! A test belongs here only when it needs the process, the disk, the network and the plugins together; what a
//! package can promise by itself is tested beside it, about a thousand times faster.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod author;
mod bad_input;
mod clients;
mod duty;
mod examples;
mod guide;
mod hot_reload;
mod incident_life;
mod ladder;
mod languages;
mod mail_in;
mod misbehaving_plugins;
mod operator;
mod page_and_acknowledge;
mod people;
mod quiet;
mod refuses_to_start;
mod reload_storm;
mod same_verdicts;
mod slack;
mod status_updates;
mod storm;
mod survives_kill;
mod twilio;
