//! Whether something can be the address of a webhook, and how it is usually written. Nothing is called: whether somebody
//! listens there, the first post must show.

/// Longest address, in bytes.
const URL_MAX_BYTES: usize = 1_000;

/// The usual form: scheme and host in lower case, without the scheme's own port, with a path.
///
/// # Errors
/// What is wrong, in words for whoever typed it. The address itself is not repeated: its path may be a secret.
pub(crate) fn usual(entered: &str) -> Result<String, String> {
    let url = entered.trim();
    if url.len() > URL_MAX_BYTES {
        return Err(format!("expected at most {URL_MAX_BYTES} bytes, got {}", url.len()));
    }
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("expected a URL without spaces, line breaks and backslashes".to_owned());
    }
    // Braces would also name a secret of the operator's, which no person's address may.
    if let Some(odd) = url.chars().find(|c| "{}<>\"^`|".contains(*c)) {
        return Err(format!("`{odd}` cannot stand in a URL: write it as %{:02X}", u32::from(odd)));
    }
    let (scheme, rest) = url
        .split_once("://")
        .ok_or("expected a URL such as https://hooks.example.org/pages, it has no `https://`")?;
    let scheme = scheme.to_ascii_lowercase();
    let own_port = match scheme.as_str() {
        "https" => "443",
        "http" => "80",
        _ => return Err("expected a URL that begins with https:// or http://".to_owned()),
    };
    if rest.contains('#') {
        return Err("a part after `#` is never sent: leave it out".to_owned());
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err(
            "a user name or password cannot stand in the URL: ask your administrator to set a header for it".to_owned()
        );
    }
    let (host, port) = host_and_port(authority)?;
    let host = host.to_lowercase();
    check_host(&host)?;
    let port = port.filter(|port| *port != own_port).map(|port| format!(":{port}"));
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(format!("{scheme}://{host}{}{slash}{path}", port.unwrap_or_default()))
}

fn host_and_port(authority: &str) -> Result<(&str, Option<&str>), String> {
    // An IPv6 address has colons of its own, in brackets.
    let host_end = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority[host_end..].find(':') else { return Ok((authority, None)) };
    let (host, port) = authority.split_at(host_end + colon);
    let port = &port[1..];
    let number = port.parse::<u16>().ok().filter(|number| *number > 0);
    let plain = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    match number.filter(|_| plain) {
        Some(_) => Ok((host, Some(port))),
        None => Err(format!("expected a port from 1 to 65535, got `{port}`")),
    }
}

/// A name in any script, an IPv4 address, or an IPv6 address in brackets. Where it leads the engine checks at each post.
fn check_host(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("there is no host after the `//`".to_owned());
    }
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = inside {
        return match address.parse::<std::net::Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err("expected an IPv6 address between the brackets".to_owned()),
        };
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let fine = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || !c.is_ascii();
    for part in name.split('.') {
        if part.is_empty() || part.len() > 63 || !part.chars().all(fine) {
            return Err(format!("`{part}` cannot be part of a host's name"));
        }
    }
    Ok(())
}
