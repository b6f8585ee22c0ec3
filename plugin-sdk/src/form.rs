//! Reads and writes `application/x-www-form-urlencoded` text, as browsers and curl do.
//! Reading refuses nothing: a wrong escape stands for itself and bytes that are not UTF-8 become U+FFFD.

/// The pairs in order; a part without `=` is a name with an empty value, empty parts are skipped.
pub(crate) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    text.split(|b| *b == b'&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let at = part.iter().position(|b| *b == b'=');
            let (name, value) = at.map_or((part, &[][..]), |at| (&part[..at], &part[at + 1..]));
            (decode(name), decode(value))
        })
        .collect()
}

/// The pairs as text, in order; what browsers leave as it is stays as it is.
pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn encode(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b' ' => into.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => {
                into.push(char::from(byte));
            }
            byte => into.extend([
                '%',
                char::from(DIGITS[usize::from(byte >> 4)]),
                char::from(DIGITS[usize::from(byte & 15)]),
            ]),
        }
    }
}

fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let (byte, next) = match (*first, tail) {
            (b'+', _) => (b' ', tail),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (b'%', tail),
            },
            (byte, _) => (byte, tail),
        };
        bytes.push(byte);
        rest = next;
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::{encoded, pairs};

    fn check(text: &str, expected: &[(&str, &str)]) {
        let got = pairs(text.as_bytes());
        let got: Vec<_> = got.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn pairs_are_decoded_in_order() {
        check("", &[]);
        check("a=1&b=2", &[("a", "1"), ("b", "2")]);
        check("a=x+y%20z&%C3%A9=%e2%82%ac", &[("a", "x y z"), ("é", "€")]);
        check("a&&=v&b=1=2", &[("a", ""), ("", "v"), ("b", "1=2")]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let given = [("To", "+81 90"), ("é&=", "100 %\n東"), ("", "*-._~")];
        let text = encoded(&given);
        assert_eq!(text, "To=%2B81+90&%C3%A9%26%3D=100+%25%0A%E6%9D%B1&=*-._%7E");
        check(&text, &given);
        assert_eq!(encoded(&[]), "");
    }

    #[test]
    fn wrong_escapes_stand_for_themselves() {
        check("a=100%&b=%zz&c=%4", &[("a", "100%"), ("b", "%zz"), ("c", "%4")]);
        check("a=%ff", &[("a", "\u{fffd}")]);
    }
}
