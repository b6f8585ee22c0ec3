//! Where do plugins lie on this machine, and how is a file put there? Whole or not at all: the server must not read half.

use super::super::connect::Connection;
use super::super::failure::Failure;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The plugins directory that the configuration beside us names.
///
/// # Errors
/// When there is no configuration here.
pub(super) fn directory(connection: &Connection) -> Result<PathBuf, Failure> {
    match connection.near()? {
        Some(near) => Ok(near.plugins),
        None => Err(Failure::new("There is no configuration here that says where plugins lie.")
            .hint("name it with `--config`, on the server's machine")),
    }
}

/// Why a file in that directory cannot be written.
pub(super) fn refused(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be written: {error}.", path.display())).hint(
        "run this on the server's machine, as a user that may write into the plugins directory",
    )
}

/// Writes a file beside its place and renames it. The name begins with a dot until then, so that it is not looked at.
///
/// # Errors
/// Whatever the file system says; nothing is left behind then.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".nightbell-").tempfile_in(directory)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The name is to survive a power cut too; where directories cannot be synced, the next start finds out.
    let _ = std::fs::File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}
