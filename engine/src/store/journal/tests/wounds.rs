//! What a torn write, a flipped bit and a lost page do to the journal.

use super::*;

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
    // The file stays for whoever can still make sense of it; the journal goes on beside it, with numbers that
    // it cannot have given.
    let journal = scanned.start(0).expect("it starts");
    assert_eq!(put(&journal, "next").await, 1 + SEGMENT_BYTES);
    assert!(segment::path(dir.path(), 1).exists());
}

#[tokio::test]
async fn i10_a_segment_of_another_version_is_refused_by_name() {
    let dir = directory();
    let (mut bytes, _) = written(dir.path(), &["one"], true).await;
    bytes[8] = 9;
    let crc = crc32c::crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    let dir = directory_with(&bytes);
    let error = scan(dir.path(), options(&SegmentQuota::default())).expect_err("version 9");
    assert!(error.to_string().contains("version 9, expected 1"), "{error}");
}

/// What some seed does to one file: overwrites a range with zeros, ones or noise, or cuts the file.
fn hurt(bytes: &mut Vec<u8>, kind: u8, at: usize, length: usize) {
    let at = at % bytes.len();
    let end = (at + length).min(bytes.len());
    match kind {
        0 => bytes[at..end].fill(0),
        1 => bytes[at..end].fill(0xff),
        2 => bytes[at..end].iter_mut().for_each(|byte| *byte = byte.wrapping_mul(31) ^ 0x5a),
        _ => bytes.truncate(at),
    }
}

/// Three full segments and a bit, as bytes by number.
async fn many_segments() -> Vec<(u64, Vec<u8>)> {
    let dir = directory();
    let journal = open_in(dir.path());
    for n in 1..=24 {
        let text = format!("{n} {}", "x".repeat(n * 97 % 1_500));
        let answer = submit(&journal, vec![draft(2, text), draft(1, "second")], false).await;
        answer.recv().expect("an answer").expect("kept");
    }
    drop(journal);
    let numbers = segment::list(dir.path()).expect("a list");
    let read = |number| std::fs::read(segment::path(dir.path(), number)).expect("a segment");
    numbers.into_iter().map(|number| (number, read(number))).collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]
    #[test]
    fn i02_whatever_happens_to_the_files_only_whole_records_are_served(
        wounds in proptest::collection::vec((0..4_usize, 0..4_u8, 0..8_192_usize, 1..600_usize), 1..4)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        static TEMPLATE: std::sync::OnceLock<Vec<(u64, Vec<u8>)>> = std::sync::OnceLock::new();
        let mut files = TEMPLATE.get_or_init(|| runtime.block_on(many_segments())).clone();
        for (file, kind, at, length) in wounds {
            let file = file % files.len();
            if !files[file].1.is_empty() {
                hurt(&mut files[file].1, kind, at, length);
            }
        }
        let dir = directory();
        for (number, bytes) in files {
            std::fs::write(segment::path(dir.path(), number), bytes).expect("a file");
        }
        let served = contents(&scan_in(dir.path()).reader);
        let mut last = 0;
        for (lsn, text) in &served {
            assert!(*lsn > last, "in order, each once");
            last = *lsn;
            let Some(text) = text else { continue };
            match lsn % 3 {
                1 => assert!(text.starts_with(&format!("{} ", lsn / 3 + 1)), "{lsn}: {text}"),
                _ => assert_eq!((lsn % 3, text.as_str()), (0, "second")),
            }
        }
        // It goes on behind whatever is left, and a second look finds all that the first one served.
        let journal = open_in(dir.path());
        let next = runtime.block_on(put(&journal, "next"));
        assert!(next > served.iter().filter(|(_, text)| text.is_some()).map(|(lsn, _)| *lsn).max().unwrap_or(0));
        drop(journal);
        let again = contents(&scan_in(dir.path()).reader);
        for record in served.iter().filter(|(_, text)| text.is_some()) {
            assert!(again.contains(record), "record {} is still there", record.0);
        }
        assert!(again.contains(&(next, Some("next".to_owned()))));
    }
}
