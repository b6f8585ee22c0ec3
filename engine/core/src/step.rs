//! `decide`: the one door. A button, a keypad press, an API call, a monitor and a timer share one state machine.

mod action;
mod attempt;
mod bundle;
mod due;
mod duty;
mod duty_words;
mod event;
mod ladder;
mod life;
mod person;
mod post;
mod quiet;
mod receipt;
mod status;
mod swap;
mod sweep;
mod update;
mod watch;

use crate::model::{Actor, Draft, Input, Transition, Via, View};
use crate::schedule;
use jiff::Timestamp;

/// Decides what one input changes. Pure and total: the same view, input and `now` give the same transition,
/// whatever the input holds. The caller applies the changes to the state before it decides the next input.
pub fn decide(view: View<'_>, input: &Input, now: Timestamp) -> Transition {
    match input {
        Input::Event(judged) => {
            let actor = Actor::Monitor(judged.event.integration.clone());
            let mut draft = Draft::new(view, now, actor);
            draft.via = Some(Via::Monitor);
            event::decide(&mut draft, judged);
            draft.transition
        }
        Input::Action { by, via, action } => {
            let mut draft = Draft::new(view, now, by.clone());
            draft.via.clone_from(via);
            match action::decide(&mut draft, action) {
                Ok(()) => {
                    watch::look_again(&mut draft, false);
                    draft.transition
                }
                Err(refusal) => Transition {
                    reply: crate::model::Reply::Refused(refusal),
                    ..Transition::default()
                },
            }
        }
        Input::Attempt(attempt) => {
            let mut draft = Draft::new(view, now, Actor::Engine);
            attempt::decide(&mut draft, attempt);
            draft.transition
        }
        Input::Receipt(receipt) => {
            let mut draft = Draft::new(view, now, Actor::Engine);
            receipt::decide(&mut draft, receipt);
            draft.transition
        }
        Input::RefusedAnswer(answer) => {
            let mut draft = Draft::new(view, now, Actor::Engine);
            receipt::refuse(&mut draft, answer);
            draft.transition
        }
        Input::Due(key) => {
            let mut draft = Draft::new(view, now, Actor::Engine);
            due::decide(&mut draft, key);
            draft.transition
        }
        Input::Config => {
            let mut draft = Draft::new(view, now, Actor::Engine);
            schedule::revise(&mut draft);
            watch::look_again(&mut draft, true);
            draft.transition
        }
    }
}

#[cfg(test)]
mod tests;
