//! What a journal record's kind and payload are.
//!
//! A payload is the length of its text (4 bytes, little endian), the text (JSON), and raw bytes up to its end:
//! an arrival's body, so that it is not blown up by quoting.

use super::arrival::ArrivalForm;
use super::{Disk, Misfit, from_json};
use crate::store::journal::{Draft, Record};
use crate::store::{Arrival, Commit, Parsing};
use bytes::Bytes;
use nightbell_core::model::EventId;
use serde::Serialize;

/// Kind of an arrival that was parsed.
pub(in crate::store) const ARRIVAL: u8 = 1;
/// Kind of an arrival that its parser refused or failed at; a kind of its own, so that a list of them need not
/// read the others' text.
pub(in crate::store) const UNPARSED: u8 = 2;
/// Kind of a commit.
pub(in crate::store) const COMMIT: u8 = 3;
/// Version of an arrival's text.
const ARRIVAL_VERSION: u8 = 1;
/// Version of a commit's text. Version 2 knows status updates, receipts that come later and refused answers; version 3 all
/// that duty, people and quiet hours are made of. Versions 1 and 2 are still read.
pub(in crate::store) const COMMIT_VERSION: u8 = 3;

const LENGTH: usize = 4;

/// An arrival as a record without a number. It takes as many lsns as it has events, at least one.
pub(in crate::store) fn draft_of_arrival(arrival: &Arrival) -> Draft {
    let kind = match arrival.parsing {
        Parsing::Parsed { .. } => ARRIVAL,
        Parsing::Rejected { .. } | Parsing::Failed { .. } => UNPARSED,
    };
    let span = u32::try_from(arrival.events.len()).unwrap_or(u32::MAX).max(1);
    let payload = payload(&ArrivalForm::of(arrival), &arrival.body);
    Draft { kind, version: ARRIVAL_VERSION, span, payload }
}

/// A commit as a record without a number.
pub(in crate::store) fn draft_of_commit(commit: &Commit) -> Draft {
    let payload = payload(&commit.to_disk(), &[]);
    Draft { kind: COMMIT, version: COMMIT_VERSION, span: 1, payload }
}

/// Reads an arrival back, its events numbered.
pub(in crate::store) fn decode_arrival(record: &Record) -> Result<Arrival, Misfit> {
    let (text, body) = parts(record)?;
    let form: ArrivalForm = serde_json::from_slice(&text)
        .map_err(|source| Misfit::Json { what: "an arrival", source })?;
    form.with(EventId(record.lsn), body)
}

/// Reads a commit back.
pub(in crate::store) fn decode_commit(record: &Record) -> Result<Commit, Misfit> {
    let (text, _) = parts(record)?;
    from_json("a commit", &text)
}

fn payload(form: &impl Serialize, raw: &[u8]) -> Bytes {
    let mut payload = vec![0; LENGTH];
    serde_json::to_writer(&mut payload, form).expect("forms have text keys and no failing parts");
    // A record is smaller than a segment, whose size fits 32 bits; the writer refuses anything larger.
    let length = (payload.len() - LENGTH) as u32;
    payload[..LENGTH].copy_from_slice(&length.to_le_bytes());
    payload.extend_from_slice(raw);
    payload.into()
}

fn parts(record: &Record) -> Result<(Bytes, Bytes), Misfit> {
    let newest = if record.kind == COMMIT { COMMIT_VERSION } else { ARRIVAL_VERSION };
    if !(1..=newest).contains(&record.version) {
        return Err(Misfit::Version(record.version));
    }
    let payload = &record.payload;
    let length = payload.first_chunk::<LENGTH>().ok_or(Misfit::Parts)?;
    let end = LENGTH.saturating_add(u32::from_le_bytes(*length) as usize);
    if end > payload.len() {
        return Err(Misfit::Parts);
    }
    Ok((payload.slice(LENGTH..end), payload.slice(end..)))
}
