//! How a segment comes to lie on disk: whole under its name, or not at all.

use super::JournalError;
use super::format::{SEGMENT_HEADER, SegmentHeader, VERSION};
use crate::store::bounds::SEGMENT_FIRST_BYTES;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Ends the name of a segment that is being made.
const UNFINISHED: &str = ".new";
const PREFIX: &str = "segment-";

/// A segment that can be written to.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) header: SegmentHeader,
    pub(super) file: File,
}

/// Where segment `number` lies.
pub(super) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{PREFIX}{number:010}"))
}

/// Bytes of segment `number` when segments have at most `full`.
pub(super) fn size(number: u64, full: u64) -> u64 {
    let doublings = u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
    SEGMENT_FIRST_BYTES.saturating_mul(2_u64.saturating_pow(doublings)).min(full)
}

/// The numbers of all segments in `dir`, ascending. Takes unfinished ones away.
pub(super) fn list(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        if rest.ends_with(UNFINISHED) {
            std::fs::remove_file(dir.join(&name))?;
        } else if let Ok(number) = rest.parse() {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Makes a segment: zeros between two copies of its header, written and synced under another name first.
/// The zeros are written, not only reserved, so that a later `fdatasync` has no metadata to write.
pub(super) fn create(dir: &Path, number: u64, size: u64) -> io::Result<Segment> {
    let mut salt = [0; 8];
    getrandom::fill(&mut salt).map_err(|error| io::Error::other(error.to_string()))?;
    let header = SegmentHeader { number, salt: u64::from_le_bytes(salt), size };
    let path = path(dir, number);
    let unfinished = path.with_extension(UNFINISHED.trim_start_matches('.'));
    let made = write_new(&unfinished, &header).and_then(|file| {
        std::fs::rename(&unfinished, &path)?;
        sync_directory(dir)?;
        Ok(Segment { header, file })
    });
    if made.is_err() {
        // On a full disk the half must not stay; if it does, the next start takes it away.
        let _ = std::fs::remove_file(&unfinished);
    }
    made
}

fn write_new(path: &Path, header: &SegmentHeader) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(&header.encode())?;
    let zeros = vec![0; 1 << 20];
    let mut left = header.capacity();
    while left > 0 {
        let part = left.min(zeros.len() as u64);
        file.write_all(&zeros[..part as usize])?;
        left -= part;
    }
    file.write_all(&header.encode())?;
    file.sync_all()?;
    Ok(file)
}

/// Reads a whole segment; `None` when neither copy of its header can be read. A file that was cut short is
/// filled up with zeros in memory.
///
/// # Errors
/// `Version` when another version of the format wrote it: to go on without it would be to forget.
pub(super) fn read(
    dir: &Path,
    number: u64,
) -> Result<Option<(SegmentHeader, Vec<u8>)>, JournalError> {
    let mut bytes = std::fs::read(path(dir, number))?;
    let tail = &bytes[bytes.len().saturating_sub(SEGMENT_HEADER)..];
    let version = SegmentHeader::version(&bytes).or_else(|| SegmentHeader::version(tail));
    if let Some(version) = version.filter(|version| *version != VERSION) {
        return Err(JournalError::Version { number, version });
    }
    let header = SegmentHeader::decode(&bytes)
        .or_else(|| SegmentHeader::decode(tail))
        .filter(|header| header.number == number && header.size >= bytes.len() as u64);
    let Some(header) = header else {
        return Ok(None);
    };
    bytes.resize(header.size as usize, 0);
    Ok(Some((header, bytes)))
}

/// Opens a segment for writing, with everything from `from` on zero and what is before it on disk.
pub(super) fn open_from(dir: &Path, header: SegmentHeader, from: u64) -> io::Result<Segment> {
    let file = OpenOptions::new().read(true).write(true).open(path(dir, header.number))?;
    file.set_len(header.size)?;
    let zeros = vec![0; 64 << 10];
    let mut chunk = zeros.clone();
    let mut at = from;
    while at < header.end() {
        let length = (header.end() - at).min(zeros.len() as u64) as usize;
        file.read_exact_at(&mut chunk[..length], at)?;
        if chunk[..length] != zeros[..length] {
            file.write_all_at(&zeros[..length], at)?;
        }
        at += length as u64;
    }
    // Either copy may have been lost to a cut or to damage.
    file.write_all_at(&header.encode(), 0)?;
    file.write_all_at(&header.encode(), header.end())?;
    file.sync_all()?;
    Ok(Segment { header, file })
}

/// Makes names in a directory durable.
pub(in crate::store) fn sync_directory(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
