//! Fakes of the services that channels speak to, in processes of their own, and their vendors' own libraries to sign with.

use crate::{python, until};
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// A running fake.
pub struct Vendor {
    child: Child,
    /// Where it listens.
    pub port: u16,
    kept: PathBuf,
    _dir: TempDir,
}

impl Vendor {
    /// Starts `tests/support/<script>` with a port, a file and `arguments`, and waits until it listens.
    ///
    /// # Panics
    /// When the Python environment is missing.
    pub async fn start(script: &str, arguments: &[&str]) -> Self {
        let (dir, port) = (TempDir::new().unwrap(), crate::free_port());
        let kept = dir.path().join("kept.jsonl");
        let child = python()
            .arg(crate::root().join("tests/support").join(script))
            .arg(port.to_string())
            .arg(&kept)
            .args(arguments)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        until(format!("{script} to listen"), || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        Self { child, port, kept, _dir: dir }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests so far, oldest first.
    pub fn requests(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.kept).unwrap_or_default();
        // The last line may still be being written.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits for a request that fits.
    pub async fn request(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(format!("{what}, got {:#?}", self.requests()), || async {
            self.requests().into_iter().find(&fits)
        })
        .await
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a script of `tests/support` prints when it is given `input`.
///
/// # Panics
/// When it fails, with what it said.
pub fn printed(script: &str, arguments: &[&str], input: &str) -> String {
    let mut child = python()
        .arg(crate::root().join("tests/support").join(script))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
