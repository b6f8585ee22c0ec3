//! Numbers, groups, segments, and what a full disk does to them.

use super::*;

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
async fn segments_grow_and_a_large_request_goes_to_one_that_holds_it() {
    let first = crate::store::bounds::SEGMENT_FIRST_BYTES;
    let sizes: Vec<_> = (1..=5).map(|number| segment::size(number, 8 * first) / first).collect();
    assert_eq!(sizes, [1, 2, 4, 8, 8]);
    assert_eq!(segment::size(1_000, first * 8), first * 8);
    assert_eq!(segment::size(3, SEGMENT_BYTES), SEGMENT_BYTES);
    let dir = directory();
    let options = JournalOptions { segment_bytes: 4 * first, quota: SegmentQuota::default() };
    let journal = scan(dir.path(), options.clone()).expect("read").start(0).expect("it starts");
    assert_eq!(put(&journal, "small").await, 1);
    let large = vec![draft(1, vec![b'x'; 3 * first as usize])];
    assert_eq!(submit(&journal, large, true).await.recv().expect("an answer").expect("kept"), [2]);
    assert_eq!(put(&journal, "small").await, 3);
    drop(journal);
    let scanned = scan(dir.path(), options).expect("read");
    assert_eq!(
        scanned.remarks,
        Vec::<String>::new(),
        "the segment that was passed over is no loss"
    );
    assert_eq!(contents(&scanned.reader).len(), 3);
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
