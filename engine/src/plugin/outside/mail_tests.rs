//! The mail door: what a message looks like, and a server's answers over a real connection.

use super::*;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

fn envelope() -> Envelope {
    Envelope {
        to: "alice@example.org".to_owned(),
        id: "d-1".to_owned(),
        nth: 0,
        now: "2026-01-05T09:00:00Z".parse().expect("a time"),
        public_host: "bell.example.org".to_owned(),
    }
}

fn draft(subject: &str) -> Draft {
    Draft { subject: subject.to_owned(), text: "Disk full.".to_owned(), html: None, thread: None }
}

fn composed(envelope: &Envelope, draft: Draft) -> String {
    let (message, _) = compose("Nightbell <bell@example.org>", envelope, draft).expect("composed");
    String::from_utf8(message.formatted()).expect("seven bits")
}

#[test]
fn a_mail_goes_to_the_notification_s_address_with_stable_names() {
    let mut with_parts = draft("[#12] ディスク full");
    with_parts.html = Some("<b>Disk full.</b>".to_owned());
    with_parts.thread = Some("incident-12".to_owned());
    let text = composed(&envelope(), with_parts);
    for line in [
        "From: Nightbell <bell@example.org>",
        "To: alice@example.org",
        "Date: Mon, 05 Jan 2026 09:00:00 +0000",
        "Message-ID: <d-1@bell.example.org>",
        "References: <thread.incident-12@bell.example.org>",
        "In-Reply-To: <thread.incident-12@bell.example.org>",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
    ] {
        assert!(text.contains(&format!("{line}\r\n")), "{line}\n{text}");
    }
    assert!(text.contains("Content-Type: multipart/alternative;"), "{text}");
    assert!(text.contains("Subject: [#12] =?utf-8?b?"), "{text}");
}

#[test]
fn ids_that_do_not_fit_stay_different() {
    let ids: Vec<_> = ["a/b", "a|b", "a b"].into_iter().map(atom).collect();
    assert!(ids.iter().all(|id| id.starts_with("a-b.")), "{ids:?}");
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    let second = Envelope { nth: 1, ..envelope() };
    assert_eq!(message_id(&second), "<d-1.2@bell.example.org>");
}

#[test]
fn header_injection_and_bad_addresses_are_refused() {
    for subject in ["a\r\nBcc: x@example.org", "a\nb", "a\u{0}b"] {
        let error = compose("a@example.org", &envelope(), draft(subject)).expect_err(subject);
        assert!(matches!(error, MailError::Invalid(_)), "{error:?}");
    }
    let long = draft(&"x".repeat(bounds::SUBJECT_MAX_BYTES + 1));
    assert!(matches!(compose("a@example.org", &envelope(), long), Err(MailError::Invalid(_))));
    for to in ["", "alice", "alice@example.org\r\nRCPT TO:<x@example.org>", "a@b, c@d"] {
        let bad = Envelope { to: to.to_owned(), ..envelope() };
        let error = compose("a@example.org", &bad, draft("s")).expect_err(to);
        assert!(matches!(error, MailError::Permanent(_)), "{to}: {error:?}");
    }
}

/// A mail server of one connection at a time that answers RCPT with `answer`, and what it heard as DATA.
async fn server(answer: &'static str) -> (MailPlan, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let heard = Arc::new(Mutex::new(String::new()));
    let keep = heard.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (read, mut write) = socket.into_split();
            let mut lines = BufReader::new(read).lines();
            let _ = write.write_all(b"220 test\r\n").await;
            let mut in_data = false;
            while let Ok(Some(line)) = lines.next_line().await {
                let reply = if in_data && line != "." {
                    keep.lock().expect("not poisoned").push_str(&format!("{line}\n"));
                    continue;
                } else if in_data {
                    in_data = false;
                    "250 ok\r\n".to_owned()
                } else if line.starts_with("RCPT") {
                    format!("{answer}\r\n")
                } else if line == "DATA" {
                    in_data = true;
                    "354 go\r\n".to_owned()
                } else {
                    "250 ok\r\n".to_owned()
                };
                let _ = write.write_all(reply.as_bytes()).await;
            }
        }
    });
    let plan = MailPlan {
        host: "127.0.0.1".to_owned(),
        port,
        from: "bell@example.org".to_owned(),
        tls: MailTls::None,
        login: None,
    };
    (plan, heard)
}

#[tokio::test]
async fn the_server_s_answer_decides_whether_to_try_again() {
    let (plan, heard) = server("250 ok").await;
    let door = MailDoor::default();
    let mut dotted = draft("s");
    dotted.text = "first\n.\nlast".to_owned();
    assert_eq!(
        door.send(Some(&plan), &envelope(), dotted).await.as_deref(),
        Ok("<d-1@bell.example.org>")
    );
    let text = heard.lock().expect("not poisoned").clone();
    assert!(text.contains("first\n..\nlast"), "a lone dot does not end the mail: {text}");

    let (plan, _) = server("451 try later").await;
    let error = door.send(Some(&plan), &envelope(), draft("s")).await.expect_err("451");
    assert!(
        matches!(&error, MailError::Transient(text) if text.contains("try later")),
        "{error:?}"
    );
    let (plan, _) = server("550 no such user").await;
    let error = door.send(Some(&plan), &envelope(), draft("s")).await.expect_err("550");
    assert!(
        matches!(&error, MailError::Permanent(text) if text.contains("no such user")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_transient_and_none_is_denied() {
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = closed.local_addr().expect("bound").port();
    drop(closed);
    let (plan, _) = server("250 ok").await;
    let plan = MailPlan { port, ..plan };
    let door = MailDoor::default();
    let error = door.send(Some(&plan), &envelope(), draft("s")).await.expect_err("nobody there");
    assert!(matches!(error, MailError::Transient(_)), "{error:?}");
    assert!(matches!(door.send(None, &envelope(), draft("s")).await, Err(MailError::Denied(_))));
}
