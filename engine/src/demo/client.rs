//! The demo as a client of the engine: the same HTTP that monitors, people and tools use.

use reqwest::{Client, Method};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a step of the story may take before the demo calls it broken.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// A step of the story did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Waited in vain.
    #[error("expected {what} within {} seconds, and it did not happen", PATIENCE.as_secs())]
    Missed {
        /// For what.
        what: String,
    },
    /// Something else came.
    #[error("expected {expected}, got {got}")]
    Other {
        /// What should have come.
        expected: String,
        /// What came.
        got: String,
    },
    /// The engine could not be asked.
    #[error("the engine did not answer: {0}")]
    Http(#[from] reqwest::Error),
}

/// Asks again and again until there is an answer.
pub(super) async fn until<T>(
    what: &str,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> Result<T, Broken> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return Ok(answer);
        }
        if Instant::now() > deadline {
            return Err(Broken::Missed { what: what.to_owned() });
        }
        sleep(PAUSE).await;
    }
}

/// A client with the admin's token.
pub(super) struct Api {
    http: Client,
    url: String,
    token: String,
}

impl Api {
    /// A client of the engine at `url`.
    pub(super) fn new(url: String, token: String) -> Result<Self, Broken> {
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        Ok(Self { http, url, token })
    }

    /// Sends a raw payload as a monitor would. Answers the status.
    pub(super) async fn monitor(
        &self,
        path: &str,
        content_type: &str,
        body: String,
    ) -> Result<u16, Broken> {
        let request = self.http.post(format!("{}{path}", self.url));
        let answer = request.header("content-type", content_type).body(body).send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(status.as_u16());
        }
        let got = format!("{status}: {}", answer.text().await?);
        Err(Broken::Other { expected: "the payload to be accepted".to_owned(), got })
    }

    /// A call to the API as admin.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, Broken> {
        let url = format!("{}/api/v1{path}", self.url);
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            let expected = format!("{path} to answer");
            return Err(Broken::Other { expected, got: format!("{status}: {text}") });
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Follows a link from a mail: shows it, then presses the button.
    pub(super) async fn answer(&self, link: &str, action: &str) -> Result<(), Broken> {
        let shown = self.http.get(link).send().await?.error_for_status()?;
        drop(shown.text().await?);
        self.http.post(link).form(&[("action", action)]).send().await?.error_for_status()?;
        Ok(())
    }

    /// The items of a list; empty when it cannot be read right now.
    pub(super) async fn items(&self, path: &str) -> Vec<Value> {
        let page = self.call(Method::GET, path, None).await.unwrap_or_default();
        page["items"].as_array().cloned().unwrap_or_default()
    }

    /// An incident with this in its title.
    pub(super) async fn incident(&self, title: &str) -> Option<Value> {
        let all = self.items("/incidents?limit=50").await;
        all.into_iter().find(|i| i["title"].as_str().is_some_and(|t| t.contains(title)))
    }

    /// The readable lines of an incident's timeline.
    pub(super) async fn timeline(&self, id: &str) -> Vec<String> {
        let all = self.items(&format!("/incidents/{id}/timeline")).await;
        all.iter().filter_map(|entry| entry["text"].as_str().map(str::to_owned)).collect()
    }
}
