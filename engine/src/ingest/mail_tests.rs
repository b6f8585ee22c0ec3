//! Mails as servers and old programs write them, and as nobody should.

use super::*;
use proptest::prelude::*;

fn decoded(raw: &[u8]) -> Mail {
    decode(raw).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(raw)))
}

fn header<'m>(mail: &'m Mail, name: &str) -> &'m str {
    mail.headers.iter().find(|(there, _)| there == name).map_or("", |(_, value)| value.as_str())
}

/// A multipart of these parts, each with its own head.
fn multipart(kind: &str, parts: &[&str]) -> String {
    let mut text = format!(
        "Subject: s\r\nContent-Type: multipart/{kind}; boundary=\"=_b\"\r\n\r\npreamble\r\n"
    );
    for part in parts {
        text.push_str(&format!("--=_b\r\n{part}\r\n"));
    }
    text + "--=_b--\r\nepilogue\r\n"
}

#[test]
fn a_plain_mail_is_headers_and_text() {
    let raw = b"Received: from a by b\r\nX-Api-Key: hush\r\nFrom: =?utf-8?q?J=C3=BCrgen?= <monitor@example.org>\r\n\
        SUBJECT: disk\r\n full\r\nDate: Mon, 2 Mar 2026 03:04:05 +0900\r\nX-Host: web1\r\n\r\nIt is full.\r\n";
    let mail = decoded(raw);
    let names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["from", "subject", "date", "received", "x-host"],
        "no key, the telling ones first"
    );
    assert_eq!(header(&mail, "from"), "Jürgen <monitor@example.org>");
    assert_eq!(header(&mail, "subject"), "disk full");
    assert_eq!(header(&mail, "date"), "Mon, 2 Mar 2026 03:04:05 +0900");
    assert_eq!(mail.text, "It is full.\r\n");
    assert!(mail.attachments.is_empty() && mail.left_out.is_empty());
    let boxed = [b"From monitor Mon Mar  2 03:04:05 2026\n", &raw[..]].concat();
    assert_eq!(decoded(&boxed), mail, "a mailbox's own line is no header");
}

#[test]
fn japanese_mail_is_read_in_all_its_charsets() {
    // 障害: disk full, 障害が発生しました
    let jis = b"\x1b$B>c32$,H/@8$7$^$7$?\x1b(B";
    let sjis = b"\x8f\xe1\x8aQ\x82\xaa\x94\xad\x90\xb6\x82\xb5\x82\xdc\x82\xb5\x82\xbd";
    let euc = b"\xbe\xe3\xb3\xb2\xa4\xac\xc8\xaf\xc0\xb8\xa4\xb7\xa4\xde\xa4\xb7\xa4\xbf";
    for (charset, body) in [
        ("; charset=ISO-2022-JP", &jis[..]),
        ("; charset=\"us-ascii\"", jis),
        ("", jis),
        ("; charset=Shift_JIS", sjis),
        ("; charset=EUC-JP", euc),
        ("; charset=utf-8", "障害が発生しました".as_bytes()),
        ("; charset=nonsense", "障害が発生しました".as_bytes()),
    ] {
        let head = format!(
            "Subject: =?ISO-2022-JP?B?GyRCPmMzMhsoQg==?= =?Shift_JIS?B?j+GKUQ==?=\r\nContent-Type: text/plain{charset}\r\n\r\n"
        );
        let mail = decoded(&[head.as_bytes(), body].concat());
        assert_eq!(header(&mail, "subject"), "障害障害", "{charset}");
        assert_eq!(mail.text, "障害が発生しました", "{charset}");
    }
}

#[test]
fn the_text_is_the_plain_one_and_else_that_of_the_html() {
    let plain = "Content-Type: text/plain\r\n\r\nplain";
    let html = "Content-Type: text/html; charset=utf-8\r\n\r\n\
        <html><head><title>t</title><style>p{}</style></head><body><p>disk &amp; f&uuml;ll</p><script>x()</script></body></html>";
    let both = decoded(multipart("alternative", &[plain, html]).as_bytes());
    assert_eq!((both.text.as_str(), both.attachments.len()), ("plain", 0));
    let other = decoded(multipart("alternative", &[html, plain]).as_bytes());
    assert_eq!(other.text, "plain");
    let only = decoded(multipart("alternative", &[html]).as_bytes());
    assert_eq!(only.text.trim(), "disk & füll");
    let list = decoded(multipart("mixed", &[plain, "\r\nfooter"]).as_bytes());
    assert_eq!(list.text, "plain\n\nfooter", "a part without a header is text");
    let nothing = decoded(b"Subject: s\r\n");
    assert_eq!((nothing.text.as_str(), header(&nothing, "subject")), ("", "s"));
}

#[test]
fn attachments_are_decoded_with_their_names() {
    let text = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nf=C3=BCll=\r\ned";
    let graph = "Content-Type: IMAGE/PNG; name=\"graph.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\nRw0K";
    let log = "Content-Type: text/plain\r\nContent-Disposition: attachment;\r\n filename*=UTF-8''%E9%9A%9C%E5%AE%B3.log\r\n\r\nline";
    let inner = "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nhello";
    let mail = decoded(multipart("mixed", &[text, graph, log, inner]).as_bytes());
    assert_eq!(mail.text, "fülled");
    let all: Vec<_> =
        mail.attachments.iter().map(|a| (&*a.name, &*a.content_type, &a.body[..])).collect();
    assert_eq!(
        all,
        [
            ("graph.png", "image/png", &b"\x89PNG\r\n"[..]),
            ("障害.log", "text/plain", b"line"),
            ("", "message/rfc822", b"Subject: inner\r\n\r\nhello"),
        ]
    );
    assert!(mail.left_out.is_empty());
}

#[test]
fn what_is_beyond_a_bound_is_named_and_the_rest_is_taken() {
    let text = "Content-Type: text/plain\r\n\r\nhello";
    let file = "Content-Type: a/b; name=\"f\"\r\n\r\n123";
    let many: Vec<&str> = std::iter::once(text).chain([file; 40]).collect();
    let mail = decoded(multipart("mixed", &many).as_bytes());
    assert_eq!(
        (mail.text.as_str(), mail.attachments.len()),
        ("hello", limits::MAIL_ATTACHMENTS_MAX)
    );
    assert_eq!(mail.left_out.len(), 8);
    assert_eq!(mail.left_out[0], "attachment `f` (a/b, 3 bytes) was left out: expected at most 32");

    let crowd: Vec<&str> = std::iter::once(text).chain([text; 1_000]).collect();
    let mail = decoded(multipart("mixed", &crowd).as_bytes());
    assert_eq!(mail.left_out, ["parts beyond the first 256 were left out"]);

    let huge =
        format!("Content-Type: a/b\r\n\r\n{}", "x".repeat(limits::MAIL_ATTACHMENTS_MAX_BYTES));
    let mail = decoded(multipart("mixed", &[text, file, &huge, file]).as_bytes());
    assert_eq!((mail.text.as_str(), mail.attachments.len()), ("hello", 2));
    assert!(
        mail.left_out[0].contains("expected at most 4194304 bytes in all"),
        "{:?}",
        mail.left_out
    );

    let long = format!("Subject: s\r\n{}\r\nbody", "X-A: b\r\n".repeat(40_000));
    let mail = decoded(long.as_bytes());
    assert_eq!((header(&mail, "subject"), mail.text.as_str()), ("s", "body"));
    assert_eq!(mail.left_out, ["headers beyond 131072 bytes were left out"]);
    let size: usize = mail.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(size <= clean::HEADERS_MAX_BYTES);
}

#[test]
fn parts_inside_parts_are_bounded_and_nothing_recurses() {
    let mut deep = "Content-Type: text/plain\r\n\r\ndeep".to_owned();
    for level in 0..200 {
        deep = format!(
            "Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n\r\nlevel\r\n--b{level}\r\n{deep}\r\n--b{level}--\r\n"
        );
    }
    let mail = decoded(format!("Subject: s\r\n{deep}").as_bytes());
    assert_eq!(mail.left_out, ["parts nested deeper than 8 were left out"]);
    assert_eq!(mail.text.matches("level").count(), limits::MAIL_DEPTH_MAX);
    let mails = format!("Subject: s\r\n{}", "Content-Type: message/rfc822\n\n".repeat(30_000));
    assert_eq!(decoded(mails.as_bytes()).attachments.len(), 1, "a mail inside is one file");
}

#[test]
fn what_is_no_mail_is_refused_and_what_is_broken_is_read_as_far_as_it_goes() {
    for raw in ["", " \r\n\t"] {
        assert_eq!(decode(raw.as_bytes()), Err(MailError::Empty), "{raw:?}");
    }
    for raw in ["\r\n\r\nbody", "{\"json\"}", "no header here\r\n\r\nbody"] {
        assert_eq!(decode(raw.as_bytes()), Err(MailError::NoHeaders), "{raw:?}");
    }
    for (raw, text) in [
        ("A: b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ncut", "cut"),
        ("A: b\r\nContent-Type: multipart/mixed\r\n\r\nno boundary", "no boundary"),
        ("A: b\r\nContent-Transfer-Encoding: base64\r\n\r\n***", "***"),
        ("A: b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=zz", "a=zz"),
        ("A: b\r\nContent-Type: ;;;\r\n\r\nx", "x"),
        ("A: b\n\nunix", "unix"),
    ] {
        assert_eq!(decoded(raw.as_bytes()).text, text, "{raw:?}");
    }
    let hostile =
        decoded(b"Subject: a\r\n\tb\x00\x1b[31m =?utf-8?q?x=0D=0ABcc:_y?=\r\n\r\n\xff\xfe");
    assert!(!header(&hostile, "subject").chars().any(char::is_control), "{hostile:?}");
    assert_eq!(hostile.text, "\u{fffd}\u{fffd}");
}

/// What mails are made of, in any order.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"Content-Type: multipart/mixed; boundary=b\r\n".to_vec()),
        Just(b"Content-Type: text/html; charset=iso-2022-jp\r\n".to_vec()),
        Just(b"Content-Type: message/rfc822\r\n".to_vec()),
        Just(b"Content-Transfer-Encoding: base64\r\n".to_vec()),
        Just(b"Content-Transfer-Encoding: quoted-printable\r\n".to_vec()),
        Just(b"Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1=x\r\n".to_vec()),
        Just("Subject: =?iso-2022-jp?B?GyRC?= =?utf-8?q?=ff?=\r\n".as_bytes().to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"--b\r\n".to_vec()),
        Just(b"--b--\n".to_vec()),
        Just(b"<p>a &amp; <script>\xe9\x9a".to_vec()),
        Just(b"\x1b$B>c\x1b(B=3D=\r\nYWJj".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ]
}

proptest! {
    #[test]
    fn nothing_panics_and_everything_is_bounded(pieces in proptest::collection::vec(piece(), 0..40)) {
        let raw = pieces.concat();
        if let Ok(mail) = decode(&raw) {
            prop_assert!(mail.attachments.len() <= limits::MAIL_ATTACHMENTS_MAX);
            prop_assert!(mail.left_out.len() <= LEFT_OUT_MAX + 1);
            for (name, value) in &mail.headers {
                prop_assert!(!value.chars().any(char::is_control), "{name}: {value:?}");
            }
        }
    }
}
