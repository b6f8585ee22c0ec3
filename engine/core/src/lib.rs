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
//! - [`incident`]: the life of an incident.
//! - [`step`]: `decide`, the one door through which all of it is reached.
//! - [`invariant`]: what must hold after every transition.
#![warn(missing_docs)]

pub mod escalate;
pub mod filter;
pub mod hours;
pub mod incident;
pub mod invariant;
pub mod model;
pub mod notify;
pub mod route;
pub mod schedule;
pub mod step;

pub use model::{State, Transition, View};
pub use step::decide;
