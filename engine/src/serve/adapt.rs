//! The plugin host as each part of the engine sees it: as parsers, filters, channels.

use crate::deliver::{Answers, Channels};
use crate::ingest::Parsers;
use crate::pipeline::Judge;
use crate::pipeline::door::Door;
use crate::plugin::{
    Answer, AnswerLinks, CallbackRequest, ChannelStatus, Delivered, Difference, Failure,
    JudgedBatch, LogPage, Notification, ParseOutcome, Payload, PluginHost, PluginStatus,
};
use crate::server::Callbacks;
use crate::ui::answer::{self, Answering};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use nightbell_core::model::{Delivery, Event};
use std::sync::Arc;

impl Parsers for PluginHost {
    fn parse<'a>(
        &'a self,
        parser: &'a str,
        payload: &'a Payload,
        settings: &'a serde_json::Value,
    ) -> BoxFuture<'a, ParseOutcome> {
        PluginHost::parse(self, parser, payload, settings).boxed()
    }
}

impl Judge for PluginHost {
    fn judge(&self, events: Vec<Arc<Event>>) -> BoxFuture<'_, JudgedBatch> {
        PluginHost::judge(self, events).boxed()
    }
}

impl Channels for PluginHost {
    fn deliver<'a>(
        &'a self,
        channel: &'a str,
        notification: Notification,
    ) -> BoxFuture<'a, Delivered> {
        PluginHost::deliver(self, channel, notification).boxed()
    }
}

impl Callbacks for PluginHost {
    fn callback<'a>(
        &'a self,
        channel: &'a str,
        request: CallbackRequest,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        PluginHost::callback(self, channel, request).boxed()
    }

    fn validate<'a>(
        &'a self,
        channel: &'a str,
        address: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Result<String, String>, Failure>> {
        PluginHost::validate(self, channel, address, now).boxed()
    }

    fn channels(&self) -> Vec<ChannelStatus> {
        PluginHost::channels(self)
    }

    fn list(&self) -> Vec<PluginStatus> {
        PluginHost::list(self)
    }

    fn log(&self, plugin: &str, after: Option<u64>) -> Option<LogPage> {
        PluginHost::log(self, plugin, after)
    }

    fn differences(&self, plugin: &str) -> Option<Vec<Difference>> {
        PluginHost::differences(self, plugin)
    }

    fn reset(&self, plugin: &str, by: &str) -> Option<bool> {
        PluginHost::reset(self, plugin, by)
    }
}

/// Makes the links of a delivery under the public address in force.
pub(super) struct Links {
    /// Where the public address is looked up.
    pub(super) door: Door,
    /// What signs.
    pub(super) links: Arc<answer::AnswerLinks>,
}

impl Answers for Links {
    fn links(&self, delivery: &Delivery, now: Timestamp) -> AnswerLinks {
        if delivery.person.room().is_some() {
            // Anybody may read in a room: nobody is held to have answered there.
            return AnswerLinks::default();
        }
        let plan = self.door.plan();
        // One page shows the incident and both buttons: looking never acts.
        let page = self.links.url(&plan.public_url, &answering(delivery), now);
        AnswerLinks {
            view: Some(page.clone()),
            acknowledge: Some(page.clone()),
            resolve: Some(page),
        }
    }

    fn callback_url(&self, delivery: &Delivery, now: Timestamp) -> Option<String> {
        if delivery.person.room().is_some() {
            return None;
        }
        let (plan, answering) = (self.door.plan(), answering(delivery));
        let channel = &delivery.channel;
        Some(self.links.callback_url(&plan.public_url, channel, &answering, now))
    }

    fn code(&self, delivery: &Delivery, salt: &[u8; 32]) -> String {
        let (person, method) = (&delivery.person, &delivery.method);
        self.links.code(&answer::CodeFor { person, method, salt })
    }
}

/// The person of a delivery, and nobody else, may answer it.
fn answering(delivery: &Delivery) -> Answering {
    Answering {
        delivery: delivery.id.clone(),
        incident: delivery.incident,
        person: delivery.person.clone(),
    }
}
