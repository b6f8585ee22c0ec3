//! The packed batch: what goes in comes out, also after drops and patches, and nonsense is refused.

use super::*;

fn full<'a>() -> PackedEvent<'a> {
    let mut event = PackedEvent::trigger("disk full on «db1»");
    event.head = Head {
        kind: EventKind::Resolve,
        severity: Severity::Warning,
        id: u64::MAX - 1,
        received_at_ms: -1,
        starts_at_ms: Some(1_767_603_600_000),
        expires_at_ms: Some(i64::MIN),
        integration: "nagios",
        service: "shop",
        dedup_key: "host:db1",
        source: "db1",
        details: "{\"free\":0}",
        ..event.head
    };
    event.labels = vec![("team", "storage"), ("host", "db1"), ("空", "é")];
    event.attributes = vec![("runbook", "r/1")];
    event.links = vec![("https://a.example", "graph"), ("https://b.example", "")];
    event.images = vec![("s", "h", "a")];
    event
}

fn packed<'a>(events: &[PackedEvent<'a>]) -> Packer {
    let mut packer = Packer::new();
    packer.begin(events.len() as u32);
    for event in events {
        packer.push(event).expect("there is room");
    }
    packer
}

fn titles(packer: &Packer) -> Vec<String> {
    packer.batch().iter().map(|e| e.title().to_owned()).collect()
}

fn check_same(read: EventRef<'_>, wrote: &PackedEvent<'_>) {
    let head = wrote.head;
    assert_eq!(read.kind(), head.kind);
    assert_eq!(read.severity(), head.severity);
    assert_eq!(read.id(), head.id);
    assert_eq!(read.received_at_ms(), head.received_at_ms);
    assert_eq!(read.starts_at_ms(), head.starts_at_ms);
    assert_eq!(read.expires_at_ms(), head.expires_at_ms);
    let texts = [read.integration(), read.service(), read.dedup_key(), read.title(), read.source()];
    assert_eq!(texts, [head.integration, head.service, head.dedup_key, head.title, head.source]);
    assert_eq!(read.details(), head.details);
    assert_eq!(read.labels().collect::<Vec<_>>(), wrote.labels);
    assert_eq!(read.attributes().collect::<Vec<_>>(), wrote.attributes);
    assert_eq!(read.links().collect::<Vec<_>>(), wrote.links);
    assert_eq!(read.images().collect::<Vec<_>>(), wrote.images);
}

#[test]
fn every_field_survives_the_batch() {
    let events = [PackedEvent::trigger(""), full(), PackedEvent::trigger("last").label("a", "")];
    let packer = packed(&events);
    assert_eq!(packer.len(), 3);
    for (read, wrote) in packer.batch().iter().zip(&events) {
        check_same(read, wrote);
    }
}

#[test]
fn labels_are_found_by_name_and_missing_ones_are_none() {
    let packer = packed(&[full()]);
    let event = packer.batch().get(0).expect("one event");
    assert_eq!(event.label("host"), Some("db1"));
    assert_eq!(event.label("hos"), None);
    assert_eq!(event.label("hosx"), None, "as long as a name that is there");
    assert_eq!(event.attribute("runbook"), Some("r/1"));
    assert_eq!(event.attribute("host"), None);
}

#[test]
fn removed_events_leave_the_list_and_nothing_else() {
    let events = ["a", "b", "c", "d"].map(PackedEvent::trigger);
    let mut packer = packed(&events);
    let (arena, words) = (packer.arena().to_vec(), packer.index().len());
    packer.remove(1).expect("b is there");
    assert_eq!(titles(&packer), ["a", "c", "d"]);
    packer.retain(|position| position != 2);
    assert_eq!(titles(&packer), ["a", "c"]);
    assert_eq!(packer.remove(2), Err(PackError::NoSuchEvent { position: 2 }));
    assert_eq!((packer.arena(), packer.index().len()), (&arena[..], words));
}

#[test]
fn a_rewrite_changes_what_it_names_and_keeps_the_rest() {
    let mut packer = packed(&[PackedEvent::trigger("first"), full()]);
    let change = Rewrite {
        title: Some("short"),
        severity: Some(Severity::Info),
        expires_at_ms: Some(7),
        set_labels: vec![("host", "db2"), ("new", "1"), ("new", "2")],
        remove_labels: vec!["team", "host", "absent"],
        add_links: vec![("https://c.example", "more")],
        ..Rewrite::default()
    };
    packer.rewrite(1, &change).expect("event 1 is there");

    let mut wanted = full();
    wanted.head.title = "short";
    wanted.head.severity = Severity::Info;
    wanted.head.expires_at_ms = Some(7);
    wanted.labels = vec![("host", "db2"), ("new", "2"), ("空", "é")];
    wanted.links.push(("https://c.example", "more"));
    check_same(packer.batch().get(1).expect("event 1"), &wanted);
    assert_eq!(titles(&packer), ["first", "short"]);

    // A second patch sees the first one's result.
    let again = Rewrite {
        source: Some("db9"),
        details: Some("[]"),
        set_attributes: vec![("runbook", "r/2")],
        remove_attributes: vec!["x"],
        ..Rewrite::default()
    };
    packer.rewrite(1, &again).expect("event 1 is there");
    wanted.head.source = "db9";
    wanted.head.details = "[]";
    wanted.attributes = vec![("runbook", "r/2")];
    check_same(packer.batch().get(1).expect("event 1"), &wanted);
}

#[test]
fn a_full_batch_refuses_and_stays_as_it_was() {
    let mut packer = packed(&[PackedEvent::trigger("a")]);
    let before = (packer.arena().to_vec(), packer.index().to_vec());
    assert_eq!(packer.push(&full()), Err(PackError::Full { capacity: 1 }));
    assert_eq!((packer.arena().to_vec(), packer.index().to_vec()), before);
}

#[test]
fn begin_forgets_the_last_batch() {
    let mut packer = packed(&[full(), full()]);
    packer.begin(1);
    assert!(packer.is_empty() && packer.batch().is_empty());
    packer.push(&PackedEvent::trigger("x")).expect("there is room");
    assert_eq!(titles(&packer), ["x"]);
}

#[test]
fn malformed_batches_are_refused() {
    let refused = |arena: &[u8], index: &[u32]| Batch::open(arena, index).err();
    assert_eq!(refused(b"", &[]), Some(Malformed::Index { words: 0 }));
    assert_eq!(refused(b"", &[0]), Some(Malformed::Index { words: 1 }));
    assert_eq!(refused(b"", &[1, 2, 9]), Some(Malformed::Index { words: 3 }));
    assert_eq!(refused(b"", &[1, u32::MAX, 9]), Some(Malformed::Index { words: 3 }));
    assert_eq!(refused(b"", &[2, 1, 0]), Some(Malformed::Live { live: 2, capacity: 1 }));
    assert_eq!(refused(b"\xff", &[0, 0]), Some(Malformed::Text));
    assert!(Batch::open(b"", &[0, 0]).expect("an empty batch is well formed").is_empty());
}

#[test]
fn words_that_point_outside_stop_the_reader() {
    let stops = |arena: &[u8], index: &[u32]| {
        let batch = Batch::open(arena, index).expect("the list itself is well formed");
        let read = || {
            let event = batch.get(0).expect("one event");
            (event.kind(), event.title().len(), event.images().count(), event.labels().count())
        };
        std::panic::catch_unwind(read).is_err()
    };
    let packer = packed(&[full()]);
    let (arena, index) = (packer.arena(), packer.index());
    assert!(!stops(arena, index));
    // Every single word of the block set to nonsense: never anything but a value or a stop.
    for at in block::STARTS..index.len() {
        for nonsense in [u32::MAX, 1 << 31, arena.len() as u32] {
            let mut bad = index.to_vec();
            bad[at] = nonsense;
            stops(arena, &bad);
        }
    }
    let block = index[block::STARTS] as usize;
    let stops_with = |at: usize, value: u32| {
        let mut bad = index.to_vec();
        bad[at] = value;
        stops(arena, &bad)
    };
    assert!(stops_with(block::STARTS, u32::MAX), "a block outside the index");
    assert!(stops_with(block + block::KIND, 4), "an unknown kind");
    assert!(stops_with(block + block::TITLE, u32::MAX), "an offset outside the arena");
    assert!(stops_with(block + block::TITLE + 1, u32::MAX), "a length outside the arena");
    assert!(stops_with(block + block::COUNTS, u32::MAX), "more labels than words");
    // The guillemet takes two bytes; its second one is no place to begin.
    let inside = arena.windows(2).position(|w| w == "«".as_bytes()).expect("a guillemet") + 1;
    assert!(stops_with(block + block::TITLE, inside as u32), "an offset inside a character");
}

#[test]
fn the_layout_is_the_documented_one() {
    let packer = packed(&[full()]);
    let index = packer.index();
    assert_eq!(index[..3], [1, 1, 3]);
    let block = &index[3..];
    assert_eq!(block[..3], [2, 2, 3]);
    assert_eq!(block[3..5], [u32::MAX - 1, u32::MAX]);
    assert_eq!(block[5..7], [u32::MAX, u32::MAX]);
    assert_eq!(block[11..13], [0, 6]);
    assert_eq!(block[23..27], [3, 1, 2, 1]);
    assert_eq!(block.len(), 27 + 4 * (3 + 1 + 2) + 6);
    assert!(packer.arena().starts_with(b"nagiosshophost:db1disk full"));
}

/// The example of `docs/reference/packed-batch.md`, word for word.
#[test]
fn the_documents_example_is_true() {
    let mut event = PackedEvent::trigger("disk full").label("team", "db");
    event.head.severity = Severity::Critical;
    event.head.id = 7;
    let packer = packed(&[event]);
    let page = include_str!("../../../docs/reference/packed-batch.md");
    let example = page.rsplit("```").nth(1).expect("the page ends with an example");
    let words: Vec<u32> = example
        .lines()
        .filter(|line| !line.starts_with("arena"))
        .flat_map(|line| {
            let line = line.trim_start_matches("index");
            line.split_whitespace().map_while(|word| word.parse::<u32>().ok()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(packer.index(), words);
    let arena = example.split('"').nth(1).expect("the arena in quotes");
    assert_eq!(packer.arena(), arena.as_bytes());
}
