//! What does a mail say? Raw bytes as they came from a mail server become headers, one text and attachments, all decoded.
//!
//! Every door that takes mails calls [`decode`]. The splitting into parts is ours, so that depth and number are bounded and
//! nothing recurses on what a sender wrote; headers, encodings and charsets are the library's. What is left out beyond a
//! bound is said in words, and never costs the rest of the mail. It decides nothing about events.

use super::clean;
use crate::limits;
use crate::plugin::Attachment;
use bytes::Bytes;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{HeaderForm, HeaderValue, Message, MessageParser, MimeHeaders};

/// The media type of a raw mail.
pub(super) const MEDIA_TYPE: &str = "message/rfc822";

/// Headers that come first, since what is beyond the bound is left out and traces of mail servers stand above them.
const FIRST: [&str; 9] =
    ["from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "reply-to", "references"];
/// Longest boundary between parts; RFC 2046 allows 70.
const BOUNDARY_MAX_BYTES: usize = 256;
/// Longest name of an attachment, in bytes.
const NAME_MAX_BYTES: usize = 255;
/// Lines about what was left out.
const LEFT_OUT_MAX: usize = 50;

/// A decoded mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mail {
    /// Lower-case names, decoded values on one line, without credentials.
    pub(super) headers: Vec<(String, String)>,
    /// Its plain text; the HTML's text when it has no other.
    pub(super) text: String,
    /// In order.
    pub(super) attachments: Vec<Attachment>,
    /// What was refused while the rest was taken, one line each.
    pub(super) left_out: Vec<String>,
}

/// Why something is no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MailError {
    /// Nothing at all.
    #[error("expected a mail (headers, an empty line, text), the body is empty")]
    Empty,
    /// Text without a header before it.
    #[error(
        "expected a mail (headers such as `Subject: …`, an empty line, text), got no header at the beginning"
    )]
    NoHeaders,
}

/// Decodes a mail.
///
/// # Errors
/// [`MailError`], when it has no header. Everything else is read as well as it can be.
pub(super) fn decode(raw: &[u8]) -> Result<Mail, MailError> {
    // Mailboxes put a line of their own before a mail.
    let raw = if raw.starts_with(b"From ") { after_line(raw) } else { raw };
    if raw.trim_ascii().is_empty() {
        return Err(MailError::Empty);
    }
    if !begins_with_a_header(raw) {
        return Err(MailError::NoHeaders);
    }
    let (head, body) = split(raw);
    let mut reading = Reading::default();
    let max = limits::MAIL_HEAD_MAX_BYTES;
    if head.len() > max {
        reading.leave_out(format!("headers beyond {max} bytes were left out"));
    }
    let head = &head[..head.len().min(max)];
    let head = MessageParser::default().parse_headers(head).ok_or(MailError::NoHeaders)?;
    reading.whole(&head, body);
    let mut mail = Mail { headers: headers(&head), ..reading.mail };
    mail.text = match (reading.plain, reading.html) {
        (Some(plain), _) => plain,
        (None, Some(html)) => html_to_text(&html),
        (None, None) => String::new(),
    };
    let max = limits::BODY_MAX_BYTES;
    if mail.text.len() > max {
        mail.text.truncate(mail.text.floor_char_boundary(max));
        mail.left_out.push(format!("text beyond {max} bytes was left out"));
    }
    Ok(mail)
}

/// What is known so far.
#[derive(Default)]
struct Reading {
    mail: Mail,
    plain: Option<String>,
    html: Option<String>,
    parts: usize,
    attachment_bytes: usize,
}

/// A part that waits to be read.
struct Waiting<'m> {
    bytes: &'m [u8],
    depth: usize,
}

impl Reading {
    /// Reads the mail's own part and all below it, in the order in which they stand.
    fn whole(&mut self, head: &Message<'_>, body: &[u8]) {
        let mut waiting = Vec::new();
        self.one(head, body, 0, &mut waiting);
        while let Some(Waiting { bytes, depth }) = waiting.pop() {
            self.parts += 1;
            if self.parts > limits::MAIL_PARTS_MAX {
                let max = limits::MAIL_PARTS_MAX;
                return self.leave_out(format!("parts beyond the first {max} were left out"));
            }
            let (head, body) = split(bytes);
            // A part may have no header: then it is text.
            let head = MessageParser::default().parse_headers(head).unwrap_or_default();
            self.one(&head, body, depth, &mut waiting);
        }
    }

    fn one<'m>(
        &mut self,
        head: &Message<'_>,
        body: &'m [u8],
        depth: usize,
        waiting: &mut Vec<Waiting<'m>>,
    ) {
        let media = media_type(head);
        let boundary = root(head).and_then(|part| part.content_type()?.attribute("boundary"));
        match boundary {
            Some(boundary) if media.starts_with("multipart/") => {
                if depth >= limits::MAIL_DEPTH_MAX {
                    let max = limits::MAIL_DEPTH_MAX;
                    let what = format!("parts nested deeper than {max} were left out");
                    return self.leave_out(what);
                }
                let bytes = parts(body, boundary.as_bytes());
                let below = bytes.into_iter().map(|bytes| Waiting { bytes, depth: depth + 1 });
                // The last of the stack is read next.
                waiting.extend(below.rev());
            }
            _ => self.leaf(head, &media, body),
        }
    }

    fn leaf(&mut self, head: &Message<'_>, media: &str, body: &[u8]) {
        let part = root(head);
        let disposition = part.and_then(MimeHeaders::content_disposition);
        let name = part.and_then(MimeHeaders::attachment_name).unwrap_or_default();
        let is_attached = !name.is_empty() || disposition.is_some_and(|it| it.is_attachment());
        let encoding = part.and_then(MimeHeaders::content_transfer_encoding).unwrap_or_default();
        let decoded = undo(encoding, body);
        // What calls itself several parts and names no boundary is one.
        let is_text =
            matches!(media, "text/plain" | "text/html" | "") || media.starts_with("multipart/");
        if is_attached || !is_text {
            let media = if media.is_empty() { "application/octet-stream" } else { media };
            return self.attachment(name, media, decoded);
        }
        let charset = part.and_then(|part| part.content_type()?.attribute("charset"));
        let text = text(&decoded, charset.unwrap_or_default());
        if media == "text/html" {
            self.html.get_or_insert(text);
        } else if let Some(before) = &mut self.plain {
            // What lists and scanners add below.
            before.extend(["\n\n", &text]);
        } else {
            self.plain = Some(text);
        }
    }

    fn attachment(&mut self, name: &str, media: &str, body: Vec<u8>) {
        let name = super::normal::one_line(name, NAME_MAX_BYTES);
        let (max, max_bytes) = (limits::MAIL_ATTACHMENTS_MAX, limits::MAIL_ATTACHMENTS_MAX_BYTES);
        let what = || format!("attachment `{name}` ({media}, {} bytes)", body.len());
        if self.mail.attachments.len() == max {
            let what = what();
            return self.leave_out(format!("{what} was left out: expected at most {max}"));
        }
        if self.attachment_bytes + body.len() > max_bytes {
            let what = what();
            let line = format!("{what} was left out: expected at most {max_bytes} bytes in all");
            return self.leave_out(line);
        }
        self.attachment_bytes += body.len();
        let (content_type, body) = (media.to_owned(), Bytes::from(body));
        self.mail.attachments.push(Attachment { name, content_type, body });
    }

    fn leave_out(&mut self, line: String) {
        if self.mail.left_out.len() < LEFT_OUT_MAX {
            self.mail.left_out.push(line);
        }
    }
}

fn root<'h, 'm>(head: &'h Message<'m>) -> Option<&'h mail_parser::MessagePart<'m>> {
    head.parts.first()
}

/// The media type, lower case; empty when the part does not say.
fn media_type(head: &Message<'_>) -> String {
    let Some(media) = root(head).and_then(MimeHeaders::content_type) else { return String::new() };
    let whole = format!("{}/{}", media.ctype(), media.subtype().unwrap_or("plain"));
    let plain = whole.bytes().all(|b| b.is_ascii_graphic());
    if plain { clean::cut(&whole, NAME_MAX_BYTES).to_ascii_lowercase() } else { String::new() }
}

/// The body without its transfer encoding; what is broken stays as it came.
fn undo(encoding: &str, body: &[u8]) -> Vec<u8> {
    let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => None,
    };
    decoded.unwrap_or_else(|| body.to_vec())
}

fn text(bytes: &[u8], charset: &str) -> String {
    // Old Japanese senders name no charset, or ASCII; their escapes tell.
    let is_japanese = bytes.windows(2).any(|pair| pair == b"\x1b$");
    let charset = if is_japanese { "iso-2022-jp" } else { charset };
    let decoder = (!charset.is_empty()).then(|| charset_decoder(charset.as_bytes())).flatten();
    match decoder {
        Some(decode) => decode(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// `Name: …`. The library takes any line for a header.
fn begins_with_a_header(raw: &[u8]) -> bool {
    let line = raw.split(|b| *b == b'\n').next().unwrap_or_default();
    let colon = line.iter().position(|b| *b == b':').unwrap_or_default();
    let name = line[..colon].trim_ascii_end();
    !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}

/// Head (with the empty line) and body.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let line = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |end| end + 1);
        if matches!(rest[..line].trim_ascii_end(), []) {
            return bytes.split_at(at + line);
        }
        at += line;
    }
    (bytes, &[])
}

fn after_line(bytes: &[u8]) -> &[u8] {
    bytes.iter().position(|b| *b == b'\n').map_or(&[], |end| &bytes[end + 1..])
}

/// What stands between the boundaries; a part that was cut off ends with the mail.
fn parts<'m>(body: &'m [u8], boundary: &[u8]) -> Vec<&'m [u8]> {
    let mut parts = Vec::new();
    if boundary.is_empty() || boundary.len() > BOUNDARY_MAX_BYTES {
        return parts;
    }
    let (mut at, mut begun) = (0, None);
    while at < body.len() && parts.len() <= limits::MAIL_PARTS_MAX {
        let rest = &body[at..];
        let line = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |end| end + 1);
        let after = rest[..line].strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        let after = after.map(<[u8]>::trim_ascii);
        if matches!(after, Some(b"" | b"--")) {
            if let Some(begun) = begun {
                parts.push(without_last_break(&body[begun..at]));
            }
            begun = (after == Some(b"")).then_some(at + line);
            if begun.is_none() {
                return parts;
            }
        }
        at += line;
    }
    parts.extend(begun.filter(|begun| *begun < body.len()).map(|begun| &body[begun..]));
    parts
}

/// The line break before a boundary belongs to the boundary.
fn without_last_break(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

/// The headers to hand on: the telling ones first, then the rest in their order, bounded, without credentials.
fn headers(head: &Message<'_>) -> Vec<(String, String)> {
    let mut names: Vec<String> = Vec::new();
    let all = || head.headers().iter().map(|header| header.name.as_str().to_ascii_lowercase());
    let first = FIRST.iter().filter(|name| all().any(|there| there == **name));
    names.extend(first.map(|name| (*name).to_owned()));
    for name in all().take(limits::MAIL_PARTS_MAX) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let values = names.iter().flat_map(|name| {
        let values = head.header_as(name.as_str(), HeaderForm::Text);
        values.into_iter().map(|value| (name.clone(), one_line(value)))
    });
    clean::mail_headers(values)
}

fn one_line(value: HeaderValue<'_>) -> String {
    match value {
        HeaderValue::Text(text) => super::normal::one_line(&text, clean::HEADERS_MAX_BYTES),
        _ => String::new(),
    }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
