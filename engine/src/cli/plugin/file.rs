//! How is a plugin file read? Whole, and never more than a bound.

use super::super::failure::Failure;
use std::io::Read;
use std::path::Path;

/// Largest plugin file, in bytes.
const FILE_MAX_BYTES: u64 = 64 << 20;

/// The bytes of a plugin file; of standard input for `-`.
///
/// # Errors
/// When it cannot be read, or is larger than a plugin can be.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let shown =
        if is_stdin(file) { "Standard input".to_owned() } else { file.display().to_string() };
    let mut bytes = Vec::new();
    open(file)
        .and_then(|open| open.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::new(format!("{shown} cannot be read: {error}.")))?;
    if bytes.len() as u64 > FILE_MAX_BYTES {
        return Err(Failure::new(format!("{shown} is larger than {} MiB.", FILE_MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

/// Whether `-` is meant.
pub(super) fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

fn open(file: &Path) -> std::io::Result<Box<dyn Read>> {
    if is_stdin(file) {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    Ok(Box::new(std::fs::File::open(file)?))
}
