//! The journal hurt and filled: what is shared by its tests.

mod room;
mod wounds;

use super::format::{ALIGN, GroupHeader, SEGMENT_HEADER};
use super::*;
use std::ops::Range;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use tempfile::TempDir;

const SEGMENT_BYTES: u64 = 8 << 10;

fn options(quota: &SegmentQuota) -> JournalOptions {
    JournalOptions { segment_bytes: SEGMENT_BYTES, quota: quota.clone() }
}

fn scan_in(dir: &Path) -> Scanned {
    scan(dir, options(&SegmentQuota::default())).expect("the directory can be read")
}

fn open_in(dir: &Path) -> Journal {
    scan_in(dir).start(0).expect("the journal starts")
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn draft(span: u32, payload: impl Into<Vec<u8>>) -> Draft {
    Draft { kind: 7, version: 1, span, payload: payload.into().into() }
}

type Answer = Receiver<Result<Vec<u64>, JournalError>>;

async fn submit(journal: &Journal, drafts: Vec<Draft>, may_use_reserve: bool) -> Answer {
    let (answer, answered) = sync_channel(1);
    let done = move |result: Result<&[u64], JournalError>| {
        answer.send(result.map(<[u64]>::to_vec)).expect("the test waits");
    };
    journal.submit(drafts, may_use_reserve, Box::new(done)).await.expect("the journal is open");
    answered
}

async fn put(journal: &Journal, payload: &str) -> u64 {
    let answer = submit(journal, vec![draft(1, payload)], false).await;
    answer.recv().expect("an answer").expect("it is kept")[0]
}

/// Everything that can be read, damage as `None`.
fn contents(reader: &Reader) -> Vec<(u64, Option<String>)> {
    let text = |record: Record| String::from_utf8(record.payload.to_vec()).expect("text");
    let blocks = reader.forward(0).map(|block| block.expect("the segment can be read"));
    let found = blocks.flatten().map(|found| match found {
        Found::Record(record) => (record.lsn, Some(text(record))),
        Found::Damaged { first, .. } => (first, None),
    });
    found.collect()
}

/// Writes texts one group each, and answers the file's bytes and where each group lies.
async fn written(dir: &Path, texts: &[&str], close: bool) -> (Vec<u8>, Vec<Range<usize>>) {
    let journal = open_in(dir);
    for text in texts {
        put(&journal, text).await;
    }
    let path = segment::path(dir, 1);
    // Without a close there is no mark behind the last group, as after a kill.
    let before_close = std::fs::read(&path).expect("a segment");
    journal.close();
    let bytes = if close { std::fs::read(&path).expect("a segment") } else { before_close };
    let salt = SegmentHeader::decode(&bytes).expect("a header").salt;
    let mut groups = Vec::new();
    let mut at = SEGMENT_HEADER;
    while let Some(group) = GroupHeader::decode(&bytes[at..], salt) {
        groups.push(at..at + group.length as usize);
        at += group.padded();
    }
    (bytes, groups)
}

/// A directory with this one segment.
fn directory_with(bytes: &[u8]) -> TempDir {
    let dir = directory();
    std::fs::write(segment::path(dir.path(), 1), bytes).expect("a file");
    dir
}
