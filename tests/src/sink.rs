//! A webhook sink in the test's own process: keeps what is posted, and fails on demand.

use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Lower-case names.
    pub headers: BTreeMap<String, String>,
    /// Raw.
    pub body: String,
}

impl Posted {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A running sink.
#[derive(Clone)]
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    posted: Arc<Mutex<Vec<Posted>>>,
    status: Arc<AtomicU16>,
}

impl Sink {
    /// Listens on a free loopback port; answers 204.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sink = Self { address, posted: Arc::default(), status: Arc::new(AtomicU16::new(204)) };
        let own = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = own.clone();
                // A client that breaks off has nothing to be told.
                tokio::spawn(async move { drop(sink.serve(stream).await) });
            }
        });
        sink
    }

    /// The address to post to.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers with this status from now on.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// All requests so far, oldest first.
    pub fn all(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }

    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        let (head_end, length) = loop {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            if let Some(end) = find(&bytes, b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                let length = head.lines().find_map(|l| l.strip_prefix("content-length:"));
                break (end + 4, length.and_then(|l| l.trim().parse().ok()).unwrap_or(0));
            }
        };
        while bytes.len() < head_end + length {
            if stream.read_buf(&mut bytes).await? == 0 {
                break;
            }
        }
        let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
        let body = String::from_utf8_lossy(&bytes[head_end..]).into_owned();
        self.posted.lock().unwrap().push(Posted { headers, body });
        let status = self.status.load(Ordering::SeqCst);
        let answer =
            format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
