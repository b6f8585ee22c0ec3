//! The real binary as a process, and its API as a client sees it.

use crate::{Config, until};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

/// A running engine. Killed with SIGKILL when it is dropped.
pub struct Engine {
    child: Child,
    client: Client,
    url: String,
    token: String,
    log: PathBuf,
}

impl Engine {
    /// Starts the engine and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready; its log is shown.
    pub async fn start(config: &Config) -> Self {
        let mut engine = Self::spawn(config);
        engine.ready(config).await;
        engine
    }

    /// Starts the engine and does not wait.
    pub fn spawn(config: &Config) -> Self {
        crate::init();
        let log = config.dir().join("engine.log");
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let child = command()
            .arg("serve")
            .arg("--config")
            .arg(config.file())
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let mut client = Client::builder().no_proxy();
        if let Some(certificate) = config.certificate() {
            let pem = std::fs::read(certificate).unwrap();
            let trusted = reqwest::Certificate::from_pem(&pem).unwrap();
            client = client.tls_certs_only([trusted]);
        }
        let client = client.build().unwrap();
        Self { child, client, url: config.url(""), token: String::new(), log }
    }

    async fn ready(&mut self, config: &Config) {
        let url = config.url("/-/ready");
        let client = self.client.clone();
        until(format!("the engine to be ready; its log: {}", self.log.display()), || {
            let asked = client.get(&url).send();
            async move { asked.await.ok().filter(|r| r.status().is_success()) }
        })
        .await;
        assert!(self.child.try_wait().unwrap().is_none(), "the engine ended: {}", self.log());
        let token = std::fs::read_to_string(config.data().join("admin.token")).unwrap();
        self.token = token.trim().to_owned();
    }

    /// Kills the process at once: SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop: SIGTERM. Answers how it ended.
    pub async fn stop(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        let child = std::cell::RefCell::new(&mut self.child);
        until("the engine to stop", || {
            let ended = child.borrow_mut().try_wait().unwrap();
            async move { ended }
        })
        .await
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The admin's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A request without credentials.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Posts a raw payload to an integration's door. Answers status and body.
    pub async fn ingest(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> (u16, String) {
        let request = self.request(Method::POST, path).header("content-type", content_type);
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// An API call as admin. Answers the JSON.
    ///
    /// # Panics
    /// When the answer is not a success.
    pub async fn api(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.request(method, &format!("/api/v1{path}")).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path} answered {status}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Reads from the API as admin.
    pub async fn get(&self, path: &str) -> Value {
        self.api(Method::GET, path, None).await
    }

    /// Posts to the API as admin.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.api(Method::POST, path, Some(body)).await
    }

    /// All incidents, newest first.
    pub async fn incidents(&self) -> Vec<Value> {
        self.get("/incidents?limit=200").await["items"].as_array().unwrap().clone()
    }

    /// Waits for an incident whose title contains `title`.
    pub async fn incident(&self, title: &str) -> Value {
        until(format!("an incident titled `{title}`; log: {}", self.log.display()), || async {
            let all = self.incidents().await;
            all.into_iter().find(|i| i["title"].as_str().is_some_and(|t| t.contains(title)))
        })
        .await
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(40).collect();
            let tail: Vec<_> = tail.into_iter().rev().collect();
            #[allow(
                clippy::print_stderr,
                reason = "the log of a failed test belongs to its output"
            )]
            {
                eprintln!("--- the engine's log ---\n{}", tail.join("\n"));
            }
        }
    }
}

/// The binary of this build.
///
/// # Panics
/// When it was not built.
pub fn command() -> Command {
    let test = std::env::current_exe().unwrap();
    let dir = test.parent().and_then(|deps| deps.parent()).unwrap();
    let binary = dir.join("nightbell");
    assert!(binary.exists(), "{} is missing: run `cargo xtask test`", binary.display());
    Command::new(binary)
}
