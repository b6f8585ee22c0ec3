//! Which message an incident hangs on at one address, as it comes back with the next notification.

use std::fmt;

use crate::api::Posted;

/// The incident's first message and the delivery that its buttons answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    /// The conversation, as Slack named it: for a member this is not the address.
    pub channel: String,
    /// The message's time stamp, which is its name.
    pub ts: String,
    pub delivery: String,
}

impl Thread {
    pub(crate) fn of(posted: &Posted, delivery: &str) -> Self {
        Self {
            channel: posted.channel.clone(),
            ts: posted.ts.clone(),
            delivery: delivery.to_owned(),
        }
    }

    /// `None` for what is none: then a new message begins a new thread.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':').map(str::to_owned);
        let (channel, ts, delivery) = (parts.next()?, parts.next()?, parts.next()?);
        let thread = Self { channel, ts, delivery };
        (!thread.channel.is_empty() && !thread.ts.is_empty()).then_some(thread)
    }

    /// Whether only one person reads it.
    pub(crate) fn is_private(&self) -> bool {
        self.channel.starts_with('D')
    }
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.channel, self.ts, self.delivery)
    }
}

#[cfg(test)]
mod tests {
    use super::Thread;

    #[test]
    fn a_thread_is_read_as_it_was_written() {
        let text = "C012AB3CD4E:1700000000.000100:dlv:01";
        let thread = Thread::read(text).expect("valid");
        assert_eq!((thread.ts.as_str(), thread.delivery.as_str()), ("1700000000.000100", "dlv:01"));
        assert_eq!(thread.to_string(), text);
        for odd in ["", "C1", "C1:2", ":1:d", "C1::d"] {
            assert_eq!(Thread::read(odd), None, "{odd}");
        }
    }
}
