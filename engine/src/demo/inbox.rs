//! A chat room's webhook, for the demo: keeps what is posted and checks the signature itself.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// A webhook that came in.
#[derive(Clone, Debug)]
pub(super) struct Posted {
    /// Its JSON.
    pub(super) body: Value,
    /// Whether the Standard Webhooks signature is ours.
    pub(super) signed: bool,
}

/// All webhooks so far, oldest first.
#[derive(Clone)]
pub(super) struct Inbox {
    secret: Arc<str>,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Inbox {
    /// Opens the webhook on a free loopback port. It lives as long as the runtime.
    pub(super) async fn open(secret: &str) -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let inbox = Self { secret: secret.into(), posted: Arc::default() };
        let router = axum::Router::new().route("/hook", post(keep)).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((inbox, address))
    }

    /// All webhooks so far.
    pub(super) fn all(&self) -> Vec<Posted> {
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_signed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()) else {
            return false;
        };
        mac.update(format!("{}.{}.", text("webhook-id"), text("webhook-timestamp")).as_bytes());
        mac.update(body);
        let ours = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        text("webhook-signature").split(' ').any(|signature| signature == ours)
    }
}

async fn keep(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) {
    let signed = inbox.is_signed(&headers, &body);
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let mut posted = inbox.posted.lock().unwrap_or_else(PoisonError::into_inner);
    posted.push(Posted { body, signed });
}
