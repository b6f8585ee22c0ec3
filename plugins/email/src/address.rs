//! Whether something can be a mail address, and how it is usually written. Only the form is looked at: whether somebody
//! reads it, a mail must show.

/// RFC 5321: the part before the `@`, the whole.
const LOCAL_MAX_BYTES: usize = 64;
const ADDRESS_MAX_BYTES: usize = 254;
/// One name between two dots of a domain.
const NAME_MAX_BYTES: usize = 63;

/// The usual form: without what surrounds it, the domain in lower case.
///
/// # Errors
/// What is wrong, in words for whoever typed it.
pub(crate) fn usual(entered: &str) -> Result<String, String> {
    let address = entered.trim();
    if address.is_empty() {
        return Err("expected a mail address such as alice@example.org, it is empty".to_owned());
    }
    if address.contains(['<', '>', ',', ';']) {
        return Err("expected one mail address alone, without a name or a second one".to_owned());
    }
    if address.contains(' ') {
        return Err("a mail address has no space inside".to_owned());
    }
    if let Some(odd) = address.chars().find(|c| c.is_whitespace() || is_invisible(*c)) {
        return Err(format!(
            "there is an invisible character (U+{:04X}) in it: type it again",
            u32::from(odd)
        ));
    }
    if address.len() > ADDRESS_MAX_BYTES {
        let got = address.len();
        return Err(format!("expected at most {ADDRESS_MAX_BYTES} bytes, got {got}"));
    }
    let (local, domain) = address
        .rsplit_once('@')
        .ok_or("expected a mail address such as alice@example.org, there is no `@`")?;
    local_part(local)?;
    let domain = domain.strip_suffix('.').unwrap_or(domain).to_lowercase();
    check_domain(&domain)?;
    Ok(format!("{local}@{domain}"))
}

/// Control characters, and those that show nothing or turn the direction of writing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Letters of any script, digits and what mail systems use. Quoted names (`"a b"@…`) are legal and nobody's.
fn local_part(local: &str) -> Result<(), String> {
    if local.is_empty() {
        return Err("there is nothing before the `@`".to_owned());
    }
    if local.len() > LOCAL_MAX_BYTES {
        let got = local.len();
        return Err(format!("expected at most {LOCAL_MAX_BYTES} bytes before the `@`, got {got}"));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err("a dot before the `@` stands between two other characters".to_owned());
    }
    let fine = |c: char| c.is_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    match local.chars().find(|c| !fine(*c)) {
        Some(odd) => Err(format!("`{odd}` cannot stand before the `@`")),
        None => Ok(()),
    }
}

/// Names with dots between them, in any script (IDN).
fn check_domain(domain: &str) -> Result<(), String> {
    if domain.is_empty() {
        return Err("there is nothing after the `@`".to_owned());
    }
    if domain.starts_with('[') || domain.split('.').all(is_digits) {
        return Err(
            "expected a domain after the `@`, such as example.org, got an address".to_owned()
        );
    }
    for name in domain.split('.') {
        if name.is_empty() || name.len() > NAME_MAX_BYTES {
            return Err(format!(
                "expected names of 1 to {NAME_MAX_BYTES} bytes between the dots of the domain, got `{name}`"
            ));
        }
        let fine = |c: char| c.is_alphanumeric() || c == '-' || !c.is_ascii();
        if let Some(odd) = name.chars().find(|c| !fine(*c)) {
            return Err(format!("`{odd}` cannot stand in a domain"));
        }
        if name.starts_with('-') || name.ends_with('-') {
            return Err(format!("`{name}` in the domain begins or ends with a hyphen"));
        }
    }
    Ok(())
}

fn is_digits(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}
