//! What happens to a data directory between two processes.

use super::*;
use crate::store::sample;
use nightbell_core::model::{Change, State};
use std::path::PathBuf;
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }
    fn index(&self) -> PathBuf {
        self.0.path().join("index")
    }
    fn try_open(&self) -> Result<(EmbeddedStore, Opened), StoreError> {
        let options = EmbeddedOptions { segment_bytes: 64 << 10, ..EmbeddedOptions::default() };
        EmbeddedStore::open(self.0.path(), options)
    }
    fn open(&self) -> (EmbeddedStore, Opened) {
        self.try_open().expect("it opens")
    }
}

/// Two commits with some open state between two appends; answers that state.
async fn filled(place: &Place) -> State {
    let (store, _) = place.open();
    let mut state = State::default();
    store.append(vec![sample::arrival(&["a", "b"])]).await.expect("kept");
    let more = vec![Change::Incident(Arc::new(sample::incident(5)))];
    for (changes, cursor) in [(sample::changes(), 1), (more, 2)] {
        state.apply(&changes);
        store.commit(sample::commit(cursor, changes)).await.expect("kept");
    }
    store.append(vec![sample::arrival(&["c"])]).await.expect("kept");
    state
}

async fn check(place: &Place, state: &State, remark: &str) {
    let (store, opened) = place.open();
    assert_eq!(&opened.state, state);
    assert_eq!(opened.cursor, EventId(2));
    assert_eq!(opened.remarks.len(), 1, "{:?}", opened.remarks);
    assert!(opened.remarks[0].contains(remark), "{:?}", opened.remarks);
    let incident = store.incident(IncidentId(5)).await.expect("a read");
    assert_eq!(incident.as_deref(), Some(&sample::incident(5)));
    let pending = store.pending(EventId(2), 9).await.expect("pending");
    assert_eq!(pending.iter().map(|event| event.id.0).collect::<Vec<_>>(), [5]);
    drop(store);
    assert_eq!(place.open().1.remarks, Vec::<String>::new(), "it is told once");
}

#[tokio::test]
async fn i02_an_index_that_is_gone_is_made_again() {
    let place = Place::new();
    let state = filled(&place).await;
    std::fs::remove_dir_all(place.index()).expect("it goes");
    check(&place, &state, "missing").await;
}

#[tokio::test]
async fn i02_an_index_of_garbage_is_set_aside_and_made_again() {
    let place = Place::new();
    let state = filled(&place).await;
    for entry in std::fs::read_dir(place.index()).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let length = std::fs::metadata(&path).expect("a file").len() as usize;
            let garbage: Vec<u8> = (0..length).map(|at| (at * 31 % 251) as u8).collect();
            std::fs::write(&path, garbage).expect("it is overwritten");
        }
    }
    check(&place, &state, "made again").await;
    assert!(place.0.path().join("index.broken-1").is_dir());
}

#[tokio::test]
async fn an_index_of_another_format_is_set_aside_and_made_again() {
    let place = Place::new();
    let state = filled(&place).await;
    let db = sled::open(place.index()).expect("it opens");
    db.insert("m/format", "nightbell index 0").expect("written");
    db.flush().expect("flushed");
    drop(db);
    check(&place, &state, "format").await;
}

#[tokio::test]
async fn i02_an_index_behind_the_journal_is_caught_up() {
    let place = Place::new();
    let state = filled(&place).await;
    // The index of a shorter past: made when only the first append and commit were there.
    let past = Place::new();
    let (store, _) = past.open();
    store.append(vec![sample::arrival(&["a", "b"])]).await.expect("kept");
    store.commit(sample::commit(1, sample::changes())).await.expect("kept");
    drop(store);
    std::fs::remove_dir_all(place.index()).expect("it goes");
    std::fs::rename(past.index(), place.index()).expect("it moves");
    let (_store, opened) = place.open();
    assert_eq!((opened.state, opened.cursor), (state, EventId(2)));
    assert_eq!(opened.remarks, Vec::<String>::new());
}

#[tokio::test]
async fn i02_an_index_ahead_of_the_journal_is_set_aside_and_its_numbers_are_not_reused() {
    let place = Place::new();
    let _ = filled(&place).await;
    // The journal lost everything: only numbers that were told remain, in the index.
    std::fs::remove_dir_all(place.0.path().join("journal")).expect("it goes");
    let (store, opened) = place.open();
    assert_eq!(opened.state, State::default());
    assert!(opened.remarks[0].contains("knows commit 4"), "{:?}", opened.remarks);
    assert!(place.0.path().join("index.broken-1").is_dir());
    let ids = store.append(vec![sample::arrival(&["d"])]).await.expect("kept");
    assert_eq!(ids, [EventId(5)]);
    drop(store);
    let (_store, opened) = place.open();
    assert_eq!(opened.remarks, Vec::<String>::new());
}

#[tokio::test]
async fn a_commit_damaged_on_disk_is_told_and_the_rest_is_served() {
    let place = Place::new();
    filled(&place).await;
    let journal = place.0.path().join("journal/segment-0000000001");
    let mut bytes = std::fs::read(&journal).expect("a segment");
    let text = b"incident 5";
    let at = bytes.windows(text.len()).position(|part| part == text).expect("the second commit");
    bytes[at] ^= 1;
    std::fs::write(&journal, bytes).expect("written");
    std::fs::remove_dir_all(place.index()).expect("it goes");
    let (store, opened) = place.open();
    assert!(opened.remarks[0].contains("record 4 is damaged"), "{:?}", opened.remarks);
    assert_eq!((opened.cursor, opened.state.incident(IncidentId(5))), (EventId(1), None));
    assert!(store.incident(IncidentId(1)).await.expect("a read").is_some());
    let pending = store.pending(EventId(1), 9).await.expect("pending");
    assert_eq!(pending.iter().map(|event| event.id.0).collect::<Vec<_>>(), [2, 5]);
}

#[tokio::test]
async fn i10_a_commit_of_another_version_stops_the_start_and_touches_nothing() {
    let place = Place::new();
    filled(&place).await;
    let options = JournalOptions { segment_bytes: 64 << 10, quota: SegmentQuota::default() };
    let scanned = journal::scan(&place.0.path().join("journal"), options).expect("read");
    let journal = scanned.start(0).expect("it starts");
    let draft = disk::draft_of_commit(&sample::commit(2, Vec::new()));
    let newer = journal::Draft { version: disk::COMMIT_VERSION + 1, ..draft };
    journal.submit(vec![newer], true, Box::new(|_| {})).await.expect("open");
    drop(journal);
    let error = place.try_open().expect_err("the commit cannot be read");
    let newer = format!("record version {} is not known", disk::COMMIT_VERSION + 1);
    assert!(error.to_string().contains(&newer), "{error}");
    assert!(place.index().is_dir() && !place.0.path().join("index.broken-1").exists());
}

#[tokio::test]
async fn two_stores_on_one_directory_is_refused_until_the_first_is_gone() {
    let place = Place::new();
    let (store, _) = place.open();
    let error = place.try_open().expect_err("it is in use");
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
    drop(store);
    drop(place.open());
}

#[tokio::test]
async fn a_path_that_is_no_directory_is_named() {
    let place = Place::new();
    let file = place.0.path().join("file");
    std::fs::write(&file, b"").expect("written");
    for path in [file.clone(), file.join("data")] {
        let error = EmbeddedStore::open(&path, EmbeddedOptions::default()).expect_err("a file");
        let StoreError::Directory { path: named, .. } = &error else { panic!("{error}") };
        assert!(named.contains("file"), "{named}");
    }
}

#[test]
fn the_directory_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let dir = place.0.path().join("new/data");
    let small = EmbeddedOptions { segment_bytes: 64 << 10, ..EmbeddedOptions::default() };
    drop(EmbeddedStore::open(&dir, small).expect("it opens"));
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode();
    assert_eq!(mode(&dir) & 0o777, 0o700);
    assert_eq!(mode(&dir.join("journal/segment-0000000001")) & 0o777, 0o600);
}

#[tokio::test]
async fn a_full_disk_refuses_arrivals_and_goes_on_committing() {
    let place = Place::new();
    let segments = SegmentQuota::new(2);
    let options = EmbeddedOptions { segment_bytes: 16 << 10, segments };
    let (store, _) = EmbeddedStore::open(place.0.path(), options).expect("it opens");
    let mut kept = 0;
    let error = loop {
        match store.append(vec![sample::arrival(&["a"])]).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 1_000, "two small segments cannot hold so many");
    };
    assert!(matches!(error, StoreError::Full), "{error}");
    let change = vec![Change::Incident(Arc::new(sample::incident(1)))];
    store.commit(sample::commit(1, change)).await.expect("what is open goes on");
    assert!(store.incident(IncidentId(1)).await.expect("a read").is_some());
    let pending = store.pending(EventId(0), 2_000).await.expect("pending");
    assert_eq!(pending.len(), kept, "nothing of what was refused is seen");
}

#[tokio::test]
async fn what_is_asked_of_a_closed_store_fails_with_words() {
    let place = Place::new();
    let (store, _) = place.open();
    store.append(vec![sample::arrival(&["a"])]).await.expect("kept");
    store.close();
    store.close();
    for error in [
        store.append(vec![sample::arrival(&["b"])]).await.expect_err("closed"),
        store.commit(sample::commit(1, Vec::new())).await.expect_err("closed"),
        store.incident(IncidentId(1)).await.expect_err("closed"),
    ] {
        assert!(error.to_string().contains("closed"), "{error}");
    }
    drop(store);
    assert_eq!(place.open().0.pending(EventId(0), 9).await.expect("pending").len(), 1);
}
