//! What a torn write, a flipped bit and a full disk do to the journal.

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

#[tokio::test]
async fn records_are_numbered_by_their_spans_and_survive_a_reopen() {
    let dir = directory();
    let journal = open_in(dir.path());
    let drafts = vec![draft(3, "a"), draft(0, "b"), draft(1, "c")];
    let lsns = submit(&journal, drafts, false).await.recv().expect("an answer").expect("kept");
    assert_eq!(lsns, [1, 4, 5]);
    let reader = journal.reader().clone();
    let text = |lsn| reader.read(lsn).expect("whole").map(|record| record.payload.to_vec());
    for (lsn, expected) in [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c")] {
        assert_eq!(text(lsn).as_deref(), Some(expected.as_bytes()), "lsn {lsn}");
    }
    assert_eq!((text(0), text(6)), (None, None));
    drop(journal);
    let journal = open_in(dir.path());
    assert_eq!(put(&journal, "d").await, 6);
    assert_eq!(contents(journal.reader()).len(), 4);
}

#[tokio::test]
async fn i02_callers_that_wait_together_share_one_sync() {
    let dir = directory();
    let journal = open_in(dir.path());
    // The writer is held in the first request's answer while 64 others queue up.
    let (entered, has_entered) = channel();
    let (release, released) = channel::<()>();
    let hold = move |_: Result<&[u64], JournalError>| {
        entered.send(()).expect("the test waits");
        released.recv().expect("the test releases");
    };
    journal.submit(vec![draft(1, "x")], false, Box::new(hold)).await.expect("open");
    has_entered.recv().expect("the writer is there");
    let before = journal.reader().syncs();
    let mut answers = Vec::new();
    for n in 0..64 {
        answers.push(submit(&journal, vec![draft(1, format!("caller {n}"))], false).await);
    }
    release.send(()).expect("the writer waits");
    let mut lsns = Vec::new();
    for answer in answers {
        lsns.extend(answer.recv().expect("an answer").expect("kept"));
    }
    assert_eq!(journal.reader().syncs() - before, 1);
    assert_eq!(lsns, (2..66).collect::<Vec<u64>>());
}

#[tokio::test]
async fn i02_a_file_cut_at_any_byte_opens_to_a_prefix() {
    let dir = directory();
    let texts = ["one", "two, which is longer than a line of the header", "three"];
    let (bytes, groups) = written(dir.path(), &texts, false).await;
    assert_eq!(groups.len(), 3);
    for length in SEGMENT_HEADER..=groups[2].end {
        let dir = directory_with(&bytes[..length]);
        let scanned = scan_in(dir.path());
        let whole = groups.iter().filter(|group| group.end <= length).count();
        let expected: Vec<_> =
            (1..).zip(texts[..whole].iter().map(|t| Some(t.to_string()))).collect();
        assert_eq!(contents(&scanned.reader), expected, "cut at {length}");
        assert!(scanned.remarks.iter().all(|remark| remark.contains("is cut")), "cut at {length}");
        // Opening for real costs syncs: at the edges and now and then is enough.
        if length % 61 == 0 || groups.iter().any(|group| group.end.abs_diff(length) <= 1) {
            let journal = scanned.start(0).expect("it starts");
            assert_eq!(put(&journal, "next").await, whole as u64 + 1, "cut at {length}");
            drop(journal);
            let again = scan_in(dir.path());
            assert_eq!(again.remarks, Vec::<String>::new(), "cut at {length}");
            assert_eq!(contents(&again.reader).len(), whole + 1, "cut at {length}");
        }
    }
}

#[tokio::test]
async fn i02_a_group_of_which_only_some_bytes_arrived_is_cut_and_told() {
    let dir = directory();
    let (bytes, groups) = written(dir.path(), &["one", "two"], false).await;
    for at in groups[1].clone() {
        let mut torn = bytes.clone();
        torn[at] ^= 0x40;
        let dir = directory_with(&torn);
        let scanned = scan_in(dir.path());
        assert_eq!(contents(&scanned.reader), [(1, Some("one".to_owned()))], "byte {at}");
        assert_eq!(scanned.remarks.len(), 1, "byte {at}: {:?}", scanned.remarks);
        assert!(scanned.remarks[0].contains("is cut"), "byte {at}");
    }
}

#[tokio::test]
async fn i02_damage_below_a_mark_is_told_and_the_rest_is_served() {
    let dir = directory();
    let (bytes, groups) = written(dir.path(), &["one", "two", "three"], true).await;
    // Three groups and the mark that closing wrote: every group of a record is below a mark.
    assert_eq!(groups.len(), 4);
    for (place, group) in groups[..3].iter().enumerate() {
        for at in group.clone() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x01;
            let dir = directory_with(&damaged);
            let scanned = scan_in(dir.path());
            let lost = place as u64 + 1;
            let case = format!("byte {at} of record {lost}");
            let remark = format!("journal record {lost} is damaged and left out");
            assert_eq!(scanned.remarks, [remark], "{case}");
            let served: Vec<_> = contents(&scanned.reader)
                .into_iter()
                .filter_map(|(lsn, text)| text.map(|_| lsn))
                .collect();
            let rest: Vec<_> = (1..=3).filter(|lsn| *lsn != lost).collect();
            assert_eq!(served, rest, "{case}");
            assert_eq!(scanned.reader.next_lsn(), 4, "{case}");
            for lsn in rest {
                assert!(scanned.reader.read(lsn).expect("whole").is_some(), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_damaged_record_is_an_error_and_not_nothing() {
    let dir = directory();
    let (mut bytes, groups) = written(dir.path(), &["one", "two", "three"], true).await;
    bytes[groups[1].end - 1] ^= 1;
    let dir = directory_with(&bytes);
    let journal = open_in(dir.path());
    assert!(matches!(journal.reader().read(2), Err(JournalError::Damaged { lsn: 2, .. })));
    assert_eq!(put(&journal, "four").await, 4);
    assert_eq!(contents(journal.reader()).len(), 4);
}

#[tokio::test]
async fn a_zeroed_page_in_the_middle_is_damage() {
    let dir = directory();
    let (mut bytes, groups) = written(dir.path(), &["one", "two", "three", "four"], true).await;
    bytes[groups[1].start..groups[2].end].fill(0);
    let scanned = scan_in(directory_with(&bytes).path());
    assert_eq!(scanned.remarks, ["journal records 2 to 3 are damaged and left out"]);
    assert_eq!(scanned.reader.next_lsn(), 5);
}

#[tokio::test]
async fn a_payload_cannot_pass_for_a_group() {
    let dir = directory();
    let (bytes, groups) = written(dir.path(), &["one", "two"], false).await;
    // A sender that knows the format but not the salt puts a group of its own into a body.
    let forged = GroupHeader { first_lsn: 90, next_lsn: 95, durable: 89, length: 48, records: 0 };
    let mut forgery = bytes.clone();
    let at = groups[1].start + ALIGN;
    forgery[at..at + super::format::GROUP_HEADER].copy_from_slice(&forged.encode(0));
    let scanned = scan_in(directory_with(&forgery).path());
    assert_eq!(scanned.reader.next_lsn(), 2, "the torn group is cut and nothing is made up");
}

#[tokio::test]
async fn either_copy_of_a_segments_header_is_enough() {
    let dir = directory();
    let (bytes, _) = written(dir.path(), &["one"], true).await;
    for range in [0..SEGMENT_HEADER, bytes.len() - SEGMENT_HEADER..bytes.len()] {
        let mut damaged = bytes.clone();
        damaged[range].fill(0xff);
        let dir = directory_with(&damaged);
        let scanned = scan_in(dir.path());
        assert_eq!(contents(&scanned.reader), [(1, Some("one".to_owned()))]);
        drop(scanned.start(0).expect("it starts"));
        let healed = std::fs::read(segment::path(dir.path(), 1)).expect("a segment");
        assert_eq!(SegmentHeader::decode(&healed), SegmentHeader::decode(&bytes));
    }
    let mut lost = bytes.clone();
    lost[..SEGMENT_HEADER].fill(0);
    let end = lost.len() - SEGMENT_HEADER;
    lost[end..].fill(0);
    let dir = directory_with(&lost);
    let scanned = scan_in(dir.path());
    assert!(scanned.remarks[0].contains("both copies"), "{:?}", scanned.remarks);
    // The file stays for whoever can still make sense of it; the journal goes on beside it.
    let journal = scanned.start(9).expect("it starts");
    assert_eq!(put(&journal, "next").await, 9);
    assert!(segment::path(dir.path(), 1).exists());
}

#[tokio::test]
async fn the_journal_goes_on_over_many_segments() {
    let dir = directory();
    let journal = open_in(dir.path());
    let text = "x".repeat(1_000);
    for n in 1..=50 {
        assert_eq!(put(&journal, &format!("{n} {text}")).await, n);
    }
    drop(journal);
    let scanned = scan_in(dir.path());
    assert!(segment::list(dir.path()).expect("a list").len() > 5);
    assert_eq!(scanned.remarks, Vec::<String>::new());
    let reader = &scanned.reader;
    for n in 1..=50 {
        let record = reader.read(n).expect("whole").expect("there");
        assert!(record.payload.starts_with(format!("{n} ").as_bytes()));
    }
    let backward = reader.backward(50).flat_map(|block| {
        let mut block = block.expect("readable");
        block.reverse();
        block
    });
    let lsns: Vec<_> = backward
        .map(|found| match found {
            Found::Record(record) => record.lsn,
            Found::Damaged { .. } => 0,
        })
        .collect();
    assert_eq!(lsns, (1..=50).rev().collect::<Vec<u64>>());
    std::fs::remove_file(segment::path(dir.path(), 2)).expect("a segment is lost");
    let scanned = scan_in(dir.path());
    assert!(scanned.remarks[0].contains("are damaged and left out"), "{:?}", scanned.remarks);
    assert!(scanned.reader.read(50).expect("whole").is_some());
}

#[tokio::test]
async fn i02_lsns_that_were_told_are_never_given_again() {
    let dir = directory();
    let journal = open_in(dir.path());
    put(&journal, "one").await;
    drop(journal);
    let journal = scan_in(dir.path()).start(41).expect("it starts");
    assert_eq!(put(&journal, "two").await, 41);
    drop(journal);
    let scanned = scan_in(dir.path());
    assert_eq!(scanned.remarks, Vec::<String>::new(), "a jump is no damage");
    assert_eq!(scanned.reader.read(7).expect("nothing was lost"), None);
    let journal = scanned.start(0).expect("it starts");
    assert_eq!(put(&journal, "three").await, 42);
}

#[tokio::test]
async fn a_full_disk_refuses_appends_while_commits_go_on() {
    let dir = directory();
    let quota = SegmentQuota::new(2);
    let journal = scan(dir.path(), options(&quota)).expect("read").start(0).expect("it starts");
    let payload = "x".repeat(1_000);
    let mut kept = 0;
    let full = loop {
        let answer = submit(&journal, vec![draft(1, payload.as_str())], false).await;
        match answer.recv().expect("an answer") {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 100, "two segments have room for 14");
    };
    assert!(matches!(full, JournalError::Full));
    // The first segment's seven at least; never the whole of the second.
    assert!((7..14).contains(&kept), "{kept} appends were kept");
    let mut committed = 0;
    loop {
        let answer = submit(&journal, vec![draft(1, payload.as_str())], true).await;
        match answer.recv().expect("an answer") {
            Ok(_) => committed += 1,
            Err(JournalError::Full) => break,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(kept + committed, 14, "commits use up the reserve");
    // Room is made: appends go on by themselves once a segment was made.
    quota.set(9);
    let mut resumed = None;
    for _ in 0..1_000_000 {
        let answer = submit(&journal, vec![draft(1, "x")], false).await;
        resumed = answer.recv().expect("an answer").ok();
        if resumed.is_some() {
            break;
        }
        std::thread::yield_now();
    }
    assert_eq!(resumed, Some(vec![15]));
}

#[tokio::test]
async fn a_request_larger_than_a_segment_is_refused_alone() {
    let dir = directory();
    let journal = open_in(dir.path());
    let large = vec![draft(1, "small"), draft(1, vec![b'x'; SEGMENT_BYTES as usize])];
    let answer = submit(&journal, large, false).await.recv().expect("an answer");
    assert!(matches!(answer, Err(JournalError::TooLarge { max: 8_064, .. })), "{answer:?}");
    assert_eq!(put(&journal, "next").await, 1);
    let exact = SEGMENT_BYTES as usize - 2 * SEGMENT_HEADER - 48 - 24;
    let answer = submit(&journal, vec![draft(1, vec![b'x'; exact])], false).await;
    assert_eq!(answer.recv().expect("an answer").expect("it just fits"), [2]);
}

#[tokio::test]
async fn an_unfinished_segment_is_taken_away_and_a_closed_journal_says_so() {
    let dir = directory();
    let unfinished = dir.path().join("segment-0000000009.new");
    std::fs::write(&unfinished, b"half").expect("a file");
    let journal = open_in(dir.path());
    assert!(!unfinished.exists());
    journal.close();
    let done = Box::new(|_: Result<&[u64], JournalError>| {});
    let result = journal.submit(vec![draft(1, "x")], false, done).await;
    assert!(matches!(result, Err(JournalError::Closed)));
}
