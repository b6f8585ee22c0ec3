//! The frame, health, and listening for real.

use super::fixture::{Fixture, KEY, plan};
use super::{Readiness, ServerError, bind, frame};
use crate::config::TlsPlan;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use nightbell_core::model::TokenKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let fixture = Fixture::new();
    for (readiness, ready) in [
        (Readiness::Starting, 503),
        (Readiness::Ready, 200),
        (Readiness::Failing("the store failed".to_owned()), 503),
    ] {
        fixture.readiness.send_replace(readiness.clone());
        let answered = fixture.call("GET", "/-/ready", "", None).await;
        assert_eq!(answered.status.as_u16(), ready, "{readiness:?}");
        let healthy = fixture.call("GET", "/-/healthy", "", None).await;
        assert_eq!(healthy.status.as_u16(), 200, "{readiness:?}");
    }
}

#[tokio::test]
async fn reload_is_for_admins_and_says_what_is_wrong() {
    let fixture = Fixture::new();
    let admin = fixture.token(TokenKind::Admin).await;
    for (token, status) in [
        ("", 401),
        (&*fixture.token(TokenKind::Read).await, 403),
        (&*fixture.token(TokenKind::Person("alice".into())).await, 403),
        (&*admin, 422),
    ] {
        let answered = fixture.call("POST", "/-/reload", token, None).await;
        assert_eq!(answered.status.as_u16(), status);
        if status == 422 {
            assert!(answered.text().contains("fallbak"));
        }
    }
    assert_eq!(fixture.call("GET", "/-/reload", &admin, None).await.status.as_u16(), 405);
}

#[tokio::test]
async fn metrics_are_open_on_loopback_only() {
    for (listen, status) in [("127.0.0.1:0", 200), ("[::1]:0", 200), ("0.0.0.0:0", 401)] {
        let mut plan = plan();
        plan.listen = listen.parse().expect("an address");
        let fixture = Fixture::with_plan(plan);
        assert_eq!(
            fixture.call("GET", "/metrics", "", None).await.status.as_u16(),
            status,
            "{listen}"
        );
        let read = fixture.token(TokenKind::Read).await;
        assert_eq!(fixture.call("GET", "/metrics", &read, None).await.status.as_u16(), 200);
    }
}

#[tokio::test]
async fn every_answer_carries_an_id_and_security_headers_and_no_key() {
    let fixture = Fixture::new();
    for path in [format!("/in/{KEY}x"), format!("/nothing/{KEY}"), "/-/healthy".to_owned()] {
        let answered = fixture.call("GET", &path, "", None).await;
        assert_eq!(answered.header("x-request-id").len(), 32);
        assert_eq!(answered.header("x-content-type-options"), "nosniff");
        assert_eq!(answered.header("referrer-policy"), "no-referrer");
        assert!(answered.header("content-security-policy").starts_with("default-src 'none'"));
        assert!(!answered.text().contains(KEY) && !format!("{:?}", answered.headers).contains(KEY));
    }
}

#[tokio::test]
async fn a_panic_is_500_and_tells_nothing() {
    async fn broken() -> &'static str {
        panic!("the secret is xyzzy")
    }
    let app = frame::around(Router::new().route("/", get(broken)), frame::REQUEST_TIMEOUT);
    let response = app.oneshot(Request::get("/").body(Body::empty()).expect("a request")).await;
    let response = response.expect("infallible");
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers().contains_key("x-request-id"));
    let body = axum::body::to_bytes(response.into_body(), 4_096).await.expect("a body");
    assert!(!String::from_utf8_lossy(&body).contains("xyzzy"));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended() {
    let never = Router::new().route("/", get(std::future::pending::<&'static str>));
    let app = frame::around(never, Duration::ZERO);
    let response = app.oneshot(Request::get("/").body(Body::empty()).expect("a request")).await;
    let response = response.expect("infallible");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let mut plan = plan();
    let first = bind(&plan).expect("bound");
    plan.listen = first.address();
    let error = bind(&plan).expect_err("in use");
    assert!(matches!(error, ServerError::InUse(address) if address == plan.listen));
    assert_eq!(
        error.to_string(),
        format!(
            "port in use: another program listens on {}; stop it, or set another `listen` address",
            plan.listen
        )
    );
    plan.listen = "192.0.2.1:0".parse().expect("an address");
    assert!(matches!(bind(&plan), Err(ServerError::Bind { .. })));
}

/// Sends bytes on a fresh connection and reads until the other side closes.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(bytes).await.expect("sent");
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn it_listens_refuses_smuggling_and_stops_when_told() {
    let fixture = Fixture::new();
    let listening = bind(&plan()).expect("bound");
    let address = listening.address();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(listening.serve(fixture.doors.clone(), stop.clone()));
    let ok = raw(address, b"GET /-/healthy HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(ok.starts_with("HTTP/1.1 200"), "{ok}");
    let post = format!("POST /in/{KEY} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
    for (headers, body, wanted) in [
        ("transfer-encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", "HTTP/1.1 202"),
        ("content-length: 2\r\n", "{}", "HTTP/1.1 202"),
        ("transfer-encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n", "HTTP/1.1 400"),
        ("content-length: 2\r\ncontent-length: 3\r\n", "{}x", "HTTP/1.1 400"),
        ("content-length: -1\r\n", "{}", "HTTP/1.1 400"),
    ] {
        let answer = raw(address, format!("{post}{headers}\r\n{body}").as_bytes()).await;
        assert!(answer.starts_with(wanted), "{headers:?}: {answer}");
    }
    // Length and chunks at once: whatever is answered, the rest is never a second request.
    let both = "content-length: 4\r\ntransfer-encoding: chunked\r\n";
    let hidden = "0\r\n\r\nGET /-/healthy HTTP/1.1\r\nhost: x\r\n\r\n";
    let answer = raw(address, format!("{post}{both}\r\n{hidden}").as_bytes()).await;
    assert!(!answer.contains("healthy"), "{answer}");
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(64 << 10));
    let answer = raw(address, long.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431") || answer.is_empty(), "{answer}");
    stop.cancel();
    serving.await.expect("no panic").expect("stopped as told");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn tls_is_spoken_and_bad_certificates_are_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let mut plan = plan();
    plan.tls = Some(TlsPlan { certificate: certificate.clone(), key: key.clone() });
    let message = |plan| bind(plan).expect_err("no certificate").to_string();
    assert!(message(&plan).contains("cert.pem"), "{}", message(&plan));
    std::fs::write(&certificate, "nothing").expect("written");
    assert!(message(&plan).contains("it holds no certificate"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, "nothing").expect("written");
    assert!(message(&plan).contains("expected a private key in PEM"));
    let foreign = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    std::fs::write(&key, foreign.signing_key.serialize_pem()).expect("written");
    assert!(message(&plan).contains("key.pem"), "the key of another certificate");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");

    let listening = bind(&plan).expect("bound");
    let address = listening.address();
    let stop = CancellationToken::new();
    let fixture = Fixture::new();
    let serving = tokio::spawn(listening.serve(fixture.doors.clone(), stop.clone()));
    // The process's provider is the caller's to choose; tests choose the one the server uses.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trusted = reqwest::Certificate::from_der(made.cert.der()).expect("a certificate");
    let client = reqwest::Client::builder()
        .tls_certs_only([trusted])
        .resolve("localhost", address)
        .no_proxy()
        .build()
        .expect("a client");
    let url = format!("https://localhost:{}/-/healthy", address.port());
    let answer = client.get(url).send().await.expect("answered");
    assert_eq!(answer.text().await.expect("text"), "healthy\n");
    drop(client);
    stop.cancel();
    serving.await.expect("no panic").expect("stopped as told");
}
