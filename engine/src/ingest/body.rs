//! Bytes of a request, bounded: read as they come, decoded as they say.
//!
//! A body is at most `limits::BODY_MAX_BYTES` both as received and decoded, and beyond the first 64 KiB at most
//! `limits::INFLATE_MAX_RATIO` times larger decoded than received, so that a small bomb is cheap to refuse.

use crate::limits;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::StreamExt;
use std::io::Read;
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of a body that is too large which are read and thrown away before it is refused: a sender that is still
/// writing would see a broken connection instead of the answer.
const DRAIN_MAX_BYTES: usize = 16 << 20;
/// How long the next piece of such a body is waited for.
const DRAIN_WAIT: Duration = Duration::from_secs(1);
/// Decoded bytes to which the ratio does not apply.
const RATIO_FREE_BYTES: usize = 64 << 10;

/// Why a body was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    /// More than we take.
    #[error(
        "expected a body of at most {} bytes, decoded; send fewer events per request",
        limits::BODY_MAX_BYTES
    )]
    TooLarge,
    /// It grows too much.
    #[error("expected a body that grows at most {}-fold when decoded", limits::INFLATE_MAX_RATIO)]
    Bomb,
    /// An encoding we do not know, or several.
    #[error("expected content-encoding gzip, deflate or none, got `{0}`")]
    Encoding(String),
    /// It is not what it says, or ends too early.
    #[error("the body is no valid {0} data, or it is cut")]
    Damaged(&'static str),
    /// The sender went away or broke the protocol.
    #[error("the body did not arrive whole")]
    Broken,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Gzip,
    Deflate,
}

/// Reads and decodes a body.
///
/// # Errors
/// See [`BodyError`].
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    let encoding = encoding(headers)?;
    let raw = collect(headers, body).await?;
    match encoding {
        Encoding::Plain => Ok(raw),
        Encoding::Gzip => inflate(MultiGzDecoder::new(&raw[..]), raw.len(), "gzip"),
        Encoding::Deflate if is_zlib(&raw) => {
            inflate(ZlibDecoder::new(&raw[..]), raw.len(), "deflate")
        }
        Encoding::Deflate => inflate(DeflateDecoder::new(&raw[..]), raw.len(), "deflate"),
    }
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, BodyError> {
    let values = headers.get_all(header::CONTENT_ENCODING).iter();
    let all: Vec<String> = values
        .flat_map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .to_lowercase()
                .split(',')
                .map(|one| one.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|one| !one.is_empty() && one != "identity")
        .collect();
    match all.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(Encoding::Plain),
        ["gzip" | "x-gzip"] => Ok(Encoding::Gzip),
        ["deflate"] => Ok(Encoding::Deflate),
        _ => {
            let mut shown = all.join(", ");
            shown.truncate(shown.floor_char_boundary(64));
            Err(BodyError::Encoding(shown.replace(char::is_control, " ")))
        }
    }
}

async fn collect(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|text| text.parse::<u64>().ok());
    let mut stream = body.into_data_stream();
    if announced.is_some_and(|len| len > limits::BODY_MAX_BYTES as u64) {
        drain(&mut stream).await;
        return Err(BodyError::TooLarge);
    }
    let mut whole = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        if whole.len() + chunk.len() > limits::BODY_MAX_BYTES {
            drop(whole);
            drain(&mut stream).await;
            return Err(BodyError::TooLarge);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// Throws away what a sender still writes, up to a bound.
async fn drain(stream: &mut BodyDataStream) {
    let mut thrown = 0;
    while thrown < DRAIN_MAX_BYTES
        && let Ok(Some(Ok(chunk))) = timeout(DRAIN_WAIT, stream.next()).await
    {
        thrown += chunk.len();
    }
}

/// RFC 9110 says that `deflate` is zlib's format; some senders mean the bare stream.
fn is_zlib(raw: &[u8]) -> bool {
    let [method, flags, ..] = raw else { return false };
    method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0
}

fn inflate(mut decoder: impl Read, raw_len: usize, name: &'static str) -> Result<Bytes, BodyError> {
    let mut whole = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        let len = decoder.read(&mut piece).map_err(|_| BodyError::Damaged(name))?;
        if len == 0 {
            return Ok(whole.into());
        }
        let size = whole.len() + len;
        if size > RATIO_FREE_BYTES && size / limits::INFLATE_MAX_RATIO > raw_len {
            return Err(BodyError::Bomb);
        }
        if size > limits::BODY_MAX_BYTES {
            return Err(BodyError::TooLarge);
        }
        whole.extend_from_slice(&piece[..len]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use futures_util::stream;

    fn packed(mut encoder: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        encoder.read_to_end(&mut bytes).expect("packed");
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        packed(GzEncoder::new(bytes, Compression::best()))
    }

    async fn decode(encoding: &str, body: Vec<u8>) -> Result<Bytes, BodyError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, encoding.parse().expect("a value"));
        read(&headers, Body::from(body)).await
    }

    #[tokio::test]
    async fn what_was_packed_is_unpacked() {
        let text = b"{\"a\":1}".as_slice();
        let level = Compression::fast();
        for (encoding, body) in [
            ("gzip", gzip(text)),
            ("x-gzip", gzip(text)),
            ("GZIP", gzip(text)),
            ("identity, gzip", gzip(text)),
            ("deflate", packed(ZlibEncoder::new(text, level))),
            ("deflate", packed(DeflateEncoder::new(text, level))),
            ("identity", text.to_vec()),
        ] {
            assert_eq!(decode(encoding, body).await.as_deref(), Ok(text), "{encoding}");
        }
        let two = [gzip(b"{\"a\""), gzip(b":1}")].concat();
        assert_eq!(decode("gzip", two).await.as_deref(), Ok(text), "two members");
    }

    #[tokio::test]
    async fn a_bomb_is_refused_before_it_is_large() {
        let bomb = gzip(&vec![0; 900 << 10]);
        assert!(bomb.len() < 2_000);
        assert_eq!(decode("gzip", bomb).await, Err(BodyError::Bomb));
        assert_eq!(decode("gzip", gzip(&vec![0; 64 << 20])).await, Err(BodyError::TooLarge));
        // Grows little, but to too much.
        let digits: String =
            (0..200_000_u32).map(|i| format!("{:08x}", i.wrapping_mul(2_654_435_761))).collect();
        let packed = gzip(digits.as_bytes());
        assert!(packed.len() < limits::BODY_MAX_BYTES && digits.len() > limits::BODY_MAX_BYTES);
        assert_eq!(decode("gzip", packed).await, Err(BodyError::TooLarge));
    }

    #[tokio::test]
    async fn a_cut_or_false_body_is_damaged() {
        let whole = gzip(b"{\"a\":1}");
        for end in 1..whole.len() {
            let cut = decode("gzip", whole[..end].to_vec()).await;
            assert_eq!(cut, Err(BodyError::Damaged("gzip")), "cut at {end}");
        }
        assert_eq!(decode("gzip", b"{}".to_vec()).await, Err(BodyError::Damaged("gzip")));
        assert_eq!(decode("deflate", b"{}".to_vec()).await, Err(BodyError::Damaged("deflate")));
    }

    #[tokio::test]
    async fn unknown_and_nested_encodings_are_named() {
        for encoding in ["br", "zstd", "gzip, gzip", "gzip,deflate", "gzip, br"] {
            let got = decode(encoding, gzip(b"x")).await;
            assert!(matches!(got, Err(BodyError::Encoding(_))), "{encoding}: {got:?}");
        }
    }

    #[tokio::test]
    async fn a_body_without_length_is_bounded_too() {
        let piece = Bytes::from(vec![b'x'; 100_000]);
        let endless = stream::repeat_with(move || Ok::<_, std::io::Error>(piece.clone()));
        let got = read(&HeaderMap::new(), Body::from_stream(endless)).await;
        assert_eq!(got, Err(BodyError::TooLarge));
        let broken = stream::iter([Ok(Bytes::from("{")), Err(std::io::Error::other("reset"))]);
        let got = read(&HeaderMap::new(), Body::from_stream(broken)).await;
        assert_eq!(got, Err(BodyError::Broken));
    }

    #[tokio::test]
    async fn an_announced_giant_is_read_away_to_a_bound_and_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, "10485760".parse().expect("a value"));
        let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let seen = taken.clone();
        let endless = stream::repeat_with(move || {
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 64 << 10]))
        });
        let got = read(&headers, Body::from_stream(endless)).await;
        assert_eq!(got, Err(BodyError::TooLarge));
        let taken = taken.load(std::sync::atomic::Ordering::SeqCst);
        assert_eq!(taken, DRAIN_MAX_BYTES / (64 << 10));
    }
}
