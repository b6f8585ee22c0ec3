//! The HTTP door against a server on this machine's loopback.

use super::*;
use crate::config::SecretPlan;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn door(allowed: &[&str]) -> HttpDoor {
    let allowed: Vec<IpNet> = allowed.iter().map(|range| range.parse().expect("a range")).collect();
    HttpDoor::new(Resolver { allowed: Arc::new(arc_swap::ArcSwap::from_pointee(allowed)) })
}

fn grant(origins: &[&str], secret_hosts: &[&str]) -> HttpGrant {
    let secret = SecretPlan {
        value: "t0ps3cret".to_owned().into(),
        hosts: secret_hosts.iter().map(|host| (*host).to_owned()).collect(),
        in_body: true,
    };
    HttpGrant {
        origins: origins.iter().map(|origin| Origin::parse(origin).expect("an origin")).collect(),
        secrets: Secrets::new(BTreeMap::from([("token".to_owned(), secret)])),
    }
}

fn get(url: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout: Duration::from_secs(5),
    }
}

/// Answers every connection with `answer` and keeps what it heard.
async fn server(answer: Vec<u8>) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = vec![0; 65_536];
            let count = socket.read(&mut buffer).await.unwrap_or(0);
            keep.lock().expect("not poisoned").extend_from_slice(&buffer[..count]);
            let _ = socket.write_all(&answer).await;
            let _ = socket.shutdown().await;
        }
    });
    (address, heard)
}

fn answer(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[tokio::test]
async fn what_is_not_granted_never_leaves() {
    let door = door(&["127.0.0.0/8"]);
    let grant = grant(&["https://hooks.example.org", "http://127.0.0.1:1"], &["hooks.example.org"]);
    for (url, expected) in [
        ("https://other.example.org/", "https://other.example.org is not granted"),
        ("http://hooks.example.org/", "http://hooks.example.org is not granted"),
        ("https://hooks.example.org:8443/", "https://hooks.example.org:8443 is not granted"),
        ("https://hooks.example.org@evil.example/", "user name"),
        ("https://hooks.example.org.evil.example/", "is not granted"),
        ("file:///etc/passwd", "scheme `file`"),
        ("/relative", "not a URL"),
        ("https://{{secret:token}}.example/", "not a URL"),
        (
            "http://127.0.0.1:1/{{secret:token}}",
            "secret `token` is not granted to http://127.0.0.1:1",
        ),
    ] {
        let error = door.send(&grant, get(url)).await.expect_err(url);
        let (HttpError::Denied(text) | HttpError::Invalid(text)) = &error else {
            panic!("{url}: {error:?}")
        };
        assert!(text.contains(expected), "{url}: {text}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_even_when_the_origin_is_granted() {
    let door = door(&[]);
    for origin in [
        "http://127.0.0.1:9",
        "http://127.1:9",
        "http://0x7f000001:9",
        "http://[::1]:9",
        "http://[::ffff:169.254.169.254]:9",
        "http://localhost:9",
    ] {
        let error = door.send(&grant(&[origin], &[]), get(origin)).await.expect_err(origin);
        let HttpError::Denied(text) = &error else { panic!("{origin}: {error:?}") };
        assert!(text.contains("allow_private"), "{origin}: {text}");
    }
}

#[tokio::test]
async fn secrets_go_out_where_granted_and_never_come_back() {
    let (address, heard) =
        server(answer("200 OK\r\nx-echo: t0ps3cret", "you sent t0ps3cret")).await;
    let origin = format!("http://{address}");
    let mut request = get(&format!("{origin}/bot{{{{secret:token}}}}/send"));
    request.method = "POST".to_owned();
    request.headers = vec![("authorization".to_owned(), "Bearer {{secret:token}}".to_owned())];
    request.body = b"key={{secret:token}}&other={{secret:unknown}}".to_vec();
    let grant = grant(&[&origin], &[&address.to_string()]);
    let response = door(&["127.0.0.0/8"]).send(&grant, request).await.expect("answered");
    assert_eq!((response.status, response.body.as_slice()), (200, &b"you sent ***"[..]));
    assert!(
        response.headers.contains(&("x-echo".to_owned(), "***".to_owned())),
        "{:?}",
        response.headers
    );
    let heard = String::from_utf8(heard.lock().expect("not poisoned").clone()).expect("text");
    assert!(heard.starts_with("POST /bott0ps3cret/send HTTP/1.1"), "{heard}");
    assert!(heard.contains("authorization: Bearer t0ps3cret"), "{heard}");
    assert!(heard.ends_with("key=t0ps3cret&other={{secret:unknown}}"), "{heard}");
}

#[tokio::test]
async fn a_basic_password_goes_out_where_granted_and_never_comes_back() {
    // base64 of `AC1:t0ps3cret`.
    let (address, heard) =
        server(answer("200 OK\r\nx-echo: Basic QUMxOnQwcHMzY3JldA==", "QUMxOnQwcHMzY3JldA=="))
            .await;
    let origin = format!("http://{address}");
    let mut request = get(&origin);
    request.headers = vec![("authorization".to_owned(), "Basic {{basic:AC1:token}}".to_owned())];
    let door = door(&["127.0.0.0/8"]);
    let allowed = grant(&[&origin], &[&address.to_string()]);
    let response = door.send(&allowed, request.clone()).await.expect("answered");
    assert_eq!(response.body, b"***");
    assert!(response.headers.contains(&("x-echo".to_owned(), "Basic ***".to_owned())));
    let heard = String::from_utf8(heard.lock().expect("not poisoned").clone()).expect("text");
    assert!(heard.contains("authorization: Basic QUMxOnQwcHMzY3JldA==\r\n"), "{heard}");

    let elsewhere = grant(&[&origin], &["hooks.example.org"]);
    let error = door.send(&elsewhere, request).await.expect_err("not granted to this host");
    let HttpError::Denied(text) = &error else { panic!("{error:?}") };
    assert!(text.contains("secret `token` is not granted to"), "{text}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (address, _) = server(answer("302 Found\r\nlocation: http://169.254.169.254/", "")).await;
    let origin = format!("http://{address}");
    let response =
        door(&["127.0.0.0/8"]).send(&grant(&[&origin], &[]), get(&origin)).await.expect("answered");
    assert_eq!(response.status, 302);
}

#[tokio::test]
async fn an_answer_is_bounded_in_size_and_time() {
    let huge = "x".repeat(bounds::HTTP_RESPONSE_MAX_BYTES + 1);
    let (address, _) = server(answer("200 OK", &huge)).await;
    let origin = format!("http://{address}");
    let door = door(&["127.0.0.0/8"]);
    let error = door.send(&grant(&[&origin], &[]), get(&origin)).await.expect_err("too large");
    assert!(matches!(error, HttpError::TooLarge(_)), "{error:?}");

    // Promises a body that never comes, on a connection that stays open.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", silent.local_addr().expect("bound"));
    let mut request = get(&origin);
    request.timeout = Duration::from_millis(50);
    let error = door.send(&grant(&[&origin], &[]), request).await.expect_err("no answer");
    assert!(matches!(error, HttpError::Timeout(_)), "{error:?}");
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let door = door(&["127.0.0.0/8"]);
    let grant = grant(&["http://127.0.0.1:1"], &[]);
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = get("http://127.0.0.1:1/");
        change(&mut request);
        request
    };
    let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    for request in [
        with(&|r| r.method = "CONNECT".to_owned()),
        with(&|r| r.method = "get".to_owned()),
        with(&|r| r.headers = header("host", "evil.example")),
        with(&|r| r.headers = header("Content-Length", "0")),
        with(&|r| r.headers = header("a b", "c")),
        with(&|r| r.headers = header("x", "a\r\ny: b")),
        with(&|r| r.headers = vec![("a".to_owned(), "b".to_owned()); bounds::HTTP_HEADERS_MAX + 1]),
    ] {
        let error = door.send(&grant, request.clone()).await.expect_err("refused");
        assert!(matches!(error, HttpError::Invalid(_)), "{request:?}: {error:?}");
    }
    let request = with(&|r| r.body = vec![0; bounds::HTTP_REQUEST_MAX_BYTES + 1]);
    assert!(matches!(door.send(&grant, request).await, Err(HttpError::TooLarge(_))));
}
