//! The server's own words: where it listens, how it is reached, its directories, mail, TLS, networks.

use super::super::mistake::{At, Mark, Mistake, quoted};
use super::super::plan::{MailPlan, MailTls, NetworkPlan, TlsPlan};
use super::super::raw::{Raw, RawMail};
use super::super::source::reason;
use super::super::value::{host_port, public_url};
use super::Context;
use super::secrets::{Literal, secret};
use ipnet::IpNet;
use lettre::message::Mailbox;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Where the server listens when nothing is said.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7_171);

/// What concerns the server itself.
pub(super) struct Server {
    pub(super) listen: SocketAddr,
    pub(super) public_url: String,
    pub(super) tls: Option<TlsPlan>,
    pub(super) data: PathBuf,
    pub(super) plugins_dir: PathBuf,
    pub(super) mail: Option<MailPlan>,
    pub(super) network: NetworkPlan,
}

/// Checks them all.
pub(super) fn server(raw: &Raw, context: &Context<'_>) -> Server {
    let written = context.once("listen", &raw.listen, |at| at.at);
    let listen = written.and_then(|written| listen_address(written, context)).unwrap_or(LISTEN);
    let tls = tls(raw, context);
    let url = context.once("public_url", &raw.public_url, |at| at.at);
    if let Some(written) = written.filter(|_| url.is_none() && listen.ip().is_unspecified()) {
        context.add(
            Mistake::warning(written.at, "there is no `public_url`")
                .label("no browser can open this address")
                .hint(
                    "say how people reach the server: `public_url = \"https://bell.example.org\"`",
                ),
        );
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    Server {
        listen,
        public_url: url
            .and_then(|url| resolve_url(url, context))
            .unwrap_or_else(|| format!("{scheme}://{listen}")),
        tls,
        data: directory("data", &raw.data, context),
        plugins_dir: directory("plugins", &raw.plugins_dir, context),
        mail: context
            .once("[mail]", &raw.mail, |mail| mail.at)
            .and_then(|mail| resolve_mail(mail, context)),
        network: network(raw, context),
    }
}

fn listen_address(written: &At<String>, context: &Context<'_>) -> Option<SocketAddr> {
    let address = written.parse().ok();
    if address.is_none() {
        let port =
            written.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or(7_171);
        context.add(
            Mistake::error(written.at, format!("expected an IP address and a port for `listen`, got {}", quoted(written)))
                .hint(format!("write \"127.0.0.1:{port}\" for this machine only, \"0.0.0.0:{port}\" or \"[::]:{port}\" for all")),
        );
    }
    address
}

fn resolve_url(written: &At<String>, context: &Context<'_>) -> Option<String> {
    let url = public_url(written);
    if url.is_none() {
        context.add(
            Mistake::error(written.at, "expected an http or https address for `public_url`")
                .hint("write what people's browsers open, such as \"https://bell.example.org\"; no user, query or fragment"),
        );
    }
    url
}

fn directory(what: &str, written: &[At<String>], context: &Context<'_>) -> PathBuf {
    let main = Mark { file: 0, start: 0, end: 0 };
    let default = At { value: what.to_owned(), at: main };
    let written = context.once(what, written, |at| at.at).unwrap_or(&default);
    if written.is_empty() {
        context.add(
            Mistake::error(
                written.at,
                format!("expected a directory for `{what}`, got an empty text"),
            )
            .hint(format!("write \"./{what}\", or remove the line")),
        );
    }
    context.path(written)
}

fn tls(raw: &Raw, context: &Context<'_>) -> Option<TlsPlan> {
    let tls = context.once("[tls]", &raw.tls, |tls| tls.at)?;
    let certificate = tls.certificate.as_ref().map(|path| existing_file(path, context));
    let key = tls.key.as_ref().map(|path| existing_file(path, context));
    Some(TlsPlan { certificate: certificate?, key: key? })
}

/// A file that is read when the server starts; one that is not there is reported now.
fn existing_file(written: &At<String>, context: &Context<'_>) -> PathBuf {
    let path = context.path(written);
    let why = match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() => Some("it is a directory".to_owned()),
        Ok(_) => std::fs::File::open(&path).err().map(|error| reason(&error)),
        Err(error) => Some(reason(&error)),
    };
    if let Some(why) = why {
        context.add(
            Mistake::error(written.at, format!("cannot read {}: {why}", quoted(written)))
                .hint("the path begins at the directory of this file; the user that runs nightbell must be able to read it"),
        );
    }
    path
}

fn resolve_mail(mail: &RawMail, context: &Context<'_>) -> Option<MailPlan> {
    let tls = mail.tls.as_ref().map_or(Some(MailTls::StartTls), |tls| mail_tls(tls, context));
    let server = mail.server.as_ref().and_then(|server| {
        let read = host_port(server);
        if read.is_none() {
            context.add(
                Mistake::error(
                    server.at,
                    format!("expected a mail server for `server`, got {}", quoted(server)),
                )
                .hint("write a name or address, and a port: \"mail.example.org:587\""),
            );
        }
        read
    });
    let from = mail.from.as_ref().filter(|from| {
        let fine = from.parse::<Mailbox>().is_ok();
        if !fine {
            context.add(
                Mistake::error(from.at, format!("{} is no e-mail address", quoted(from))).hint(
                    "write \"nightbell@example.org\" or \"Nightbell <nightbell@example.org>\"",
                ),
            );
        }
        fine
    });
    let login = login(mail, context);
    let (host, port) = server?;
    let tls = tls?;
    if let Some(password) =
        mail.password.as_ref().filter(|_| tls == MailTls::None && !is_loopback(&host))
    {
        context.add(
            Mistake::warning(password.at, "the password goes over the network unprotected")
                .label("`tls` is \"none\"")
                .hint("use tls = \"starttls\" or \"tls\""),
        );
    }
    let usual = match tls {
        MailTls::None => 25,
        MailTls::StartTls => 587,
        MailTls::Tls => 465,
    };
    Some(MailPlan { host, port: port.unwrap_or(usual), from: from?.value.clone(), tls, login })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn mail_tls(written: &At<String>, context: &Context<'_>) -> Option<MailTls> {
    match written.as_str() {
        "none" => Some(MailTls::None),
        "starttls" => Some(MailTls::StartTls),
        "tls" => Some(MailTls::Tls),
        _ => {
            context.add(
                Mistake::error(
                    written.at,
                    format!("expected `none`, `starttls` or `tls`, got {}", quoted(written)),
                )
                .hint("port 587 speaks starttls, port 465 tls"),
            );
            None
        }
    }
}

fn login(mail: &RawMail, context: &Context<'_>) -> Option<(String, secrecy::SecretString)> {
    let password =
        mail.password.as_ref().map(|password| secret(password, Literal::Refused, context));
    match (&mail.username, &mail.password) {
        (Some(name), None) => context.add(
            Mistake::error(name.at, "`[mail]` has a `username` but no `password`")
                .hint("add `password = { env = \"MAIL_PASSWORD\" }`, or remove `username`"),
        ),
        (None, Some(password)) => context.add(
            Mistake::error(password.at, "`[mail]` has a `password` but no `username`")
                .hint("add `username`, or remove `password`"),
        ),
        _ => {}
    }
    Some((mail.username.as_ref()?.value.clone(), password??))
}

fn network(raw: &Raw, context: &Context<'_>) -> NetworkPlan {
    let Some(network) = context.once("[network]", &raw.network, |network| network.at) else {
        return NetworkPlan::default();
    };
    let mut allow_private = Vec::new();
    for written in &network.allow_private {
        match written.parse::<IpNet>() {
            Ok(range) => allow_private.push(range.trunc()),
            Err(_) => {
                let hint = match written.parse::<IpAddr>() {
                    Ok(address) => format!("write \"{}\"", IpNet::from(address)),
                    Err(_) => "write it as \"127.0.0.0/8\" or \"fd00::/8\"".to_owned(),
                };
                context.add(
                    Mistake::error(
                        written.at,
                        format!("expected an address range, got {}", quoted(written)),
                    )
                    .hint(hint),
                );
            }
        }
    }
    NetworkPlan { allow_private }
}
