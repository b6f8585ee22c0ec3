//! Form of an arrival: everything but its body, which follows as it is, and its events' ids, which are places.

use super::event::EventForm;
use super::{Disk, Misfit, disk_enum, disk_struct};
use crate::store::{Arrival, Header, Parsing};
use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::{EventId, IntegrationId, PluginStamp};
use serde::{Deserialize, Serialize};

disk_struct!(StoredHeader for Header { name: String, value: String });

disk_enum!(StoredParsing for Parsing {
    Parsed { rejected: Vec<String> },
    Rejected { message: String },
    Failed { message: String },
});

/// An arrival without its body.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ArrivalForm {
    integration: String,
    received_at: Timestamp,
    payload_id: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<StoredHeader>,
    content_type: String,
    parser: Option<<PluginStamp as Disk>::Form>,
    parsing: StoredParsing,
    events: Vec<EventForm>,
}

impl ArrivalForm {
    pub(super) fn of(arrival: &Arrival) -> Self {
        let Arrival {
            integration,
            received_at,
            payload_id,
            method,
            path,
            query,
            headers,
            content_type,
            body: _,
            parser,
            parsing,
            events,
        } = arrival;
        Self {
            integration: integration.to_disk(),
            received_at: *received_at,
            payload_id: payload_id.clone(),
            method: method.clone(),
            path: path.clone(),
            query: query.clone(),
            headers: headers.to_disk(),
            content_type: content_type.clone(),
            parser: parser.to_disk(),
            parsing: parsing.to_disk(),
            events: events.iter().map(EventForm::of).collect(),
        }
    }

    /// Puts the body back, and numbers the events from `first`.
    pub(super) fn with(self, first: EventId, body: Bytes) -> Result<Arrival, Misfit> {
        let ids = (first.0..).map(EventId);
        let events = self.events.into_iter().zip(ids).map(|(event, id)| event.with_id(id));
        Ok(Arrival {
            integration: IntegrationId::new(self.integration),
            received_at: self.received_at,
            payload_id: self.payload_id,
            method: self.method,
            path: self.path,
            query: self.query,
            headers: Disk::from_disk(self.headers)?,
            content_type: self.content_type,
            body,
            parser: Disk::from_disk(self.parser)?,
            parsing: Disk::from_disk(self.parsing)?,
            events: events.collect::<Result<_, _>>()?,
        })
    }
}
