//! Reads `application/x-www-form-urlencoded` text, as browsers and curl write it.
//! Nothing is refused: a wrong escape stands for itself and bytes that are not UTF-8 become U+FFFD.

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
    use super::pairs;

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
    fn wrong_escapes_stand_for_themselves() {
        check("a=100%&b=%zz&c=%4", &[("a", "100%"), ("b", "%zz"), ("c", "%4")]);
        check("a=%ff", &[("a", "\u{fffd}")]);
    }
}
