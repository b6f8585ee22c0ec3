//! A real mail server (aiosmtpd) in a process of its own, and what reached it.

use crate::until;
use serde::Deserialize;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A mail as the server got it.
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Envelope sender.
    pub from: String,
    /// Decoded subject.
    pub subject: String,
    /// The subject as it stood on the wire.
    pub raw_subject: String,
    /// Plain text part, decoded.
    pub text: String,
    /// HTML part, decoded.
    pub html: String,
    /// `Message-ID`.
    pub message_id: String,
    /// `References`.
    pub references: String,
}

impl Mail {
    /// The first link in the text that contains `part`.
    pub fn link(&self, part: &str) -> Option<String> {
        let words = self.text.split_whitespace();
        let mut links = words.filter(|word| word.starts_with("http") && word.contains(part));
        links.next().map(str::to_owned)
    }
}

/// A running mail server.
pub struct MailServer {
    child: Child,
    /// Where it listens.
    pub port: u16,
    kept: PathBuf,
    _dir: TempDir,
}

impl MailServer {
    /// Starts a server and waits until it listens.
    pub async fn start() -> Self {
        Self::start_on(crate::free_port()).await
    }

    /// Starts a server on a given port.
    ///
    /// # Panics
    /// When the Python environment is missing.
    pub async fn start_on(port: u16) -> Self {
        let root = crate::root();
        let dir = TempDir::new().unwrap();
        let kept = dir.path().join("mail.jsonl");
        let child = python()
            .arg(root.join("tests/support/mail_server.py"))
            .arg(port.to_string())
            .arg(&kept)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port, kept, _dir: dir };
        until("the mail server to listen", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        server
    }

    /// All mail so far, oldest first.
    pub fn all(&self) -> Vec<Mail> {
        let text = std::fs::read_to_string(&self.kept).unwrap_or_default();
        // The last line may still be being written.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits for a mail to `to` whose subject contains `subject`.
    pub async fn mail(&self, to: &str, subject: &str) -> Mail {
        until(format!("a mail to {to} about `{subject}`, got {:?}", self.subjects()), || async {
            let mut all = self.all().into_iter();
            all.find(|mail| mail.to.iter().any(|t| t == to) && mail.subject.contains(subject))
        })
        .await
    }

    /// How many mails to `to` have a subject with `subject`.
    pub fn count(&self, to: &str, subject: &str) -> usize {
        let all = self.all();
        let hit = |mail: &&Mail| mail.to.iter().any(|t| t == to) && mail.subject.contains(subject);
        all.iter().filter(hit).count()
    }

    fn subjects(&self) -> Vec<String> {
        self.all().into_iter().map(|mail| mail.subject).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The tests' own Python.
///
/// # Panics
/// When its environment is missing.
pub fn python() -> Command {
    let test = std::env::current_exe().unwrap();
    let python = test.ancestors().nth(3).unwrap().join("venv/bin/python");
    assert!(python.exists(), "{} is missing: run `cargo xtask test`", python.display());
    Command::new(python)
}
