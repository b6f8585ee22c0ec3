//! Mail for channels: through the operator's server, only to the notification's own address, one conversation per
//! thread. Connections are kept across calls. Bodies and headers are the mail library's work; nothing is quoted here.

use crate::config::{MailPlan, MailTls};
use crate::plugin::bounds;
use jiff::Timestamp;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::sync::{Mutex, PoisonError};

/// A mail as the plugin wrote it.
#[derive(Clone, Debug)]
pub(in crate::plugin) struct Draft {
    pub(in crate::plugin) subject: String,
    pub(in crate::plugin) text: String,
    pub(in crate::plugin) html: Option<String>,
    pub(in crate::plugin) thread: Option<String>,
}

/// For whom and as what; the plugin cannot change it.
#[derive(Clone, Debug)]
pub(in crate::plugin) struct Envelope {
    /// The notification's own address.
    pub(in crate::plugin) to: String,
    /// Stable over all attempts.
    pub(in crate::plugin) id: String,
    /// How many mails of this notification came before.
    pub(in crate::plugin) nth: u32,
    /// When the attempt began.
    pub(in crate::plugin) now: Timestamp,
    /// The right side of Message-IDs.
    pub(in crate::plugin) public_host: String,
}

/// Why it was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plugin) enum MailError {
    Denied(String),
    Invalid(String),
    Transient(String),
    Permanent(String),
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The connection to the operator's server.
#[derive(Default)]
pub(in crate::plugin) struct MailDoor {
    /// The transport and what it was built for. A std lock: held for a look only.
    open: Mutex<Option<(String, Transport)>>,
}

impl MailDoor {
    /// Sends a mail; answers its Message-ID.
    ///
    /// # Errors
    /// [`MailError`]: `Transient` for 4xx and a server that cannot be reached, `Permanent` for 5xx.
    pub(in crate::plugin) async fn send(
        &self,
        plan: Option<&MailPlan>,
        envelope: &Envelope,
        draft: Draft,
    ) -> Result<String, MailError> {
        let plan = plan.ok_or_else(|| {
            MailError::Denied("no mail server is configured: add `[mail]` to the config".to_owned())
        })?;
        let (message, id) = compose(&plan.from, envelope, draft)?;
        let transport = self.transport(plan)?;
        match transport.send(message).await {
            Ok(_) => Ok(id),
            Err(error) => Err(refused(plan, &error)),
        }
    }

    fn transport(&self, plan: &MailPlan) -> Result<Transport, MailError> {
        let wanted = fingerprint(plan);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((built_for, transport)) = &*open
            && *built_for == wanted
        {
            return Ok(transport.clone());
        }
        let transport = build(plan)?;
        *open = Some((wanted, transport.clone()));
        Ok(transport)
    }
}

/// What a transport depends on, as a hash: a password is in it.
fn fingerprint(plan: &MailPlan) -> String {
    let login = plan.login.as_ref().map(|(name, password)| (name, password.expose_secret()));
    let text = format!("{} {} {:?} {login:?}", plan.host, plan.port, plan.tls);
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn build(plan: &MailPlan) -> Result<Transport, MailError> {
    let parameters = || {
        TlsParameters::new(plan.host.clone())
            .map_err(|error| MailError::Transient(format!("TLS for {}: {error}", plan.host)))
    };
    let tls = match plan.tls {
        MailTls::None => Tls::None,
        MailTls::StartTls => Tls::Required(parameters()?),
        MailTls::Tls => Tls::Wrapper(parameters()?),
    };
    let mut builder = Transport::builder_dangerous(plan.host.clone())
        .port(plan.port)
        .tls(tls)
        .timeout(Some(bounds::MAIL_TIMEOUT))
        .pool_config(PoolConfig::new().max_size(bounds::MAIL_CONNECTIONS_MAX));
    if let Some((name, password)) = &plan.login {
        builder = builder
            .credentials(Credentials::new(name.clone(), password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

fn refused(plan: &MailPlan, error: &lettre::transport::smtp::Error) -> MailError {
    let text = format!("mail server {}:{}: {error}", plan.host, plan.port);
    let text = match &plan.login {
        Some((_, password)) if !password.expose_secret().is_empty() => {
            text.replace(password.expose_secret(), "***")
        }
        Some(_) | None => text,
    };
    let text = bounds::cut(&text, bounds::MESSAGE_MAX_BYTES).to_owned();
    if error.is_permanent() { MailError::Permanent(text) } else { MailError::Transient(text) }
}

/// Tells other machines not to answer (RFC 3834), so that no two of them talk all night.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The message and its id.
fn compose(from: &str, envelope: &Envelope, draft: Draft) -> Result<(Message, String), MailError> {
    check(&draft)?;
    let sender =
        mailbox(from).map_err(|why| MailError::Permanent(format!("`from` of `[mail]`: {why}")))?;
    let to =
        mailbox(&envelope.to).map_err(|why| MailError::Permanent(format!("address: {why}")))?;
    let id = message_id(envelope);
    let mut builder = Message::builder()
        .from(sender)
        .to(to)
        .subject(draft.subject)
        .date(std::time::SystemTime::from(envelope.now))
        .message_id(Some(id.clone()))
        .header(AutoSubmitted);
    if let Some(thread) = &draft.thread {
        let root = format!("<thread.{}@{}>", atom(thread), envelope.public_host);
        builder = builder.in_reply_to(root.clone()).references(root);
    }
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(draft.text);
    let message = match draft.html {
        Some(html) => {
            let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html);
            builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))
        }
        None => builder.singlepart(text),
    };
    let message = message.map_err(|error| MailError::Invalid(error.to_string()))?;
    Ok((message, id))
}

fn check(draft: &Draft) -> Result<(), MailError> {
    if draft.subject.chars().any(char::is_control) {
        return Err(MailError::Invalid(
            "a subject cannot have line breaks or other control characters".to_owned(),
        ));
    }
    if draft.subject.len() > bounds::SUBJECT_MAX_BYTES {
        let (max, got) = (bounds::SUBJECT_MAX_BYTES, draft.subject.len());
        return Err(MailError::Invalid(format!("a subject may have {max} bytes, got {got}")));
    }
    let longest = draft.text.len().max(draft.html.as_ref().map_or(0, String::len));
    if longest > bounds::MAIL_PART_MAX_BYTES {
        let max = bounds::MAIL_PART_MAX_BYTES;
        return Err(MailError::Invalid(format!(
            "a part of a mail may have {max} bytes, got {longest}"
        )));
    }
    Ok(())
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|error| format!("`{}` is no mail address: {error}", bounds::cut(text, 256)))
}

fn message_id(envelope: &Envelope) -> String {
    let id = atom(&envelope.id);
    match envelope.nth {
        0 => format!("<{id}@{}>", envelope.public_host),
        nth => format!("<{id}.{}@{}>", nth + 1, envelope.public_host),
    }
}

/// The text as the left side of a Message-ID. Where characters had to go, a hash keeps different texts different.
fn atom(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.is_empty() && text.len() <= 128 && text.chars().all(fits) {
        return text.to_owned();
    }
    let readable: String = text.chars().take(64).map(|c| if fits(c) { c } else { '-' }).collect();
    format!("{readable}.{}", &hex(&Sha256::digest(text.as_bytes()))[..16])
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
