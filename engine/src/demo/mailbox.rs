//! A mail server that keeps what it gets, for the demo: real SMTP on a loopback port.

use mail_parser::MessageParser;
use mailin::{Action, Handler, Response, SessionBuilder, response};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Largest mail kept.
const MAIL_MAX_BYTES: usize = 1 << 20;

/// A mail, as far as the story tells of it.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    /// The envelope's recipients.
    pub(super) to: Vec<String>,
    /// Decoded.
    pub(super) subject: String,
    /// The plain text part, decoded.
    pub(super) text: String,
}

/// All mail so far, oldest first.
#[derive(Clone, Default)]
pub(super) struct Mailbox(Arc<Mutex<Vec<Mail>>>);

impl Mailbox {
    /// Opens a mail server on a free loopback port. It lives as long as the runtime.
    pub(super) async fn open() -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mailbox = Self::default();
        let kept = mailbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                tokio::spawn(serve(stream, peer.ip(), kept.clone()));
            }
        });
        Ok((mailbox, address))
    }

    /// All mail so far.
    pub(super) fn all(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, mail: Mail) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    }
}

async fn serve(stream: TcpStream, peer: IpAddr, mailbox: Mailbox) {
    // A client that breaks off has nothing to be told.
    drop(talk(stream, peer, mailbox).await);
}

async fn talk(stream: TcpStream, peer: IpAddr, mailbox: Mailbox) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let desk = Desk { mailbox, to: Vec::new(), body: Vec::new() };
    let mut session = SessionBuilder::new("mailbox.nightbell").build(peer, desk);
    say(&mut write, &session.greeting()).await?;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).await? > 0 {
        let answer = session.process(&line);
        line.clear();
        match answer.action {
            Action::Reply => say(&mut write, &answer).await?,
            Action::NoReply => {}
            Action::Close | Action::UpgradeTls => return say(&mut write, &answer).await,
        }
    }
    Ok(())
}

async fn say(
    write: &mut (impl tokio::io::AsyncWrite + Unpin),
    answer: &Response,
) -> io::Result<()> {
    let mut text = Vec::new();
    answer.write_to(&mut text)?;
    write.write_all(&text).await
}

struct Desk {
    mailbox: Mailbox,
    to: Vec<String>,
    body: Vec<u8>,
}

impl Handler for Desk {
    fn rcpt(&mut self, to: &str) -> Response {
        self.to.push(to.trim_matches(['<', '>']).to_owned());
        response::OK
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.body.clear();
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        if self.body.len() + line.len() > MAIL_MAX_BYTES {
            return Err(io::Error::other("the mail is too large"));
        }
        self.body.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let to = std::mem::take(&mut self.to);
        let Some(parsed) = MessageParser::default().parse(&self.body) else {
            return response::OK;
        };
        let subject = parsed.subject().unwrap_or_default().to_owned();
        let text = parsed.body_text(0).unwrap_or_default().into_owned();
        self.mailbox.keep(Mail { to, subject, text });
        response::OK
    }
}
