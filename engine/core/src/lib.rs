//! The pure half of Nightbell: what an on-call engine decides, as functions over values.
//!
//! Nothing here reads a clock, the environment, a disk, a network or a random source (I1): `now` and
//! identities come in, a [`model::Transition`] goes out. The shell (`nightbell`) makes it durable and acts on it.
//!
//! Reading order:
//! - [`model`]: the words: event, alert, incident, policy, schedule, delivery, timeline.
//! - [`filter`]: what filters, silences and verdicts do to an event.
//! - [`route`]: whose an event is, and how loud.
//! - [`schedule`]: who is on call at an instant.
//! - [`notify`]: through which contact methods, and when, a person is told.
//! - [`hours`]: whether an instant lies within weekly hours.
//! - [`escalate`]: whom to tell next when nobody answers.
//! - [`reach`]: whether somebody would be told in time, at every instant to come.
//! - [`incident`]: the life of an incident.
//! - [`analytics`]: how incidents went, in numbers.
//! - [`step`]: `decide`, the one door through which all of it is reached.
//! - [`invariant`]: what must hold after every transition.
#![warn(missing_docs)]

pub mod analytics;
pub mod escalate;
pub mod filter;
pub mod hours;
pub mod incident;
pub mod invariant;
pub mod model;
pub mod notify;
pub mod reach;
pub mod route;
pub mod schedule;
pub mod step;

pub use model::{State, Transition, View};
pub use step::decide;
