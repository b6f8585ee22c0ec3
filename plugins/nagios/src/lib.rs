//! Reads what Nagios and Icinga send from a notification command: their macros, as a form or as one JSON object.
//! A problem triggers, an acknowledgement acknowledges, a recovery resolves; everything else is a change.

mod macros;

use nightbell_plugin::{
    Event, EventKind, NoSettings, ParseError, Parsed, Parser, Payload, Severity,
};

use macros::Macros;

/// The plugin.
#[derive(Debug)]
pub struct Nagios;

impl Parser for Nagios {
    type Settings = NoSettings;

    fn new(_: NoSettings) -> Self {
        Self
    }

    fn parse(&mut self, payload: Payload) -> Result<Parsed, ParseError> {
        let macros = Macros::read(&payload)?;
        Ok(Parsed::of(vec![event(&macros)?]))
    }
}

/// What the notification is about, with its state and the plugin's output.
struct Condition<'a> {
    host: &'a str,
    /// `None` for the host itself.
    service: Option<&'a str>,
    state: &'a str,
    output: &'a str,
    since: &'a str,
}

impl<'a> Condition<'a> {
    /// A notification with any of a service's own macros is about that service.
    fn read(macros: &'a Macros) -> Result<Self, ParseError> {
        let host = macros.require("HOSTNAME")?;
        let is_service =
            !macros.get("SERVICEDESC").is_empty() || !macros.get("SERVICESTATE").is_empty();
        Ok(if is_service {
            Self {
                host,
                service: Some(macros.require("SERVICEDESC")?),
                state: macros.require("SERVICESTATE")?,
                output: macros.get("SERVICEOUTPUT"),
                since: macros.get("LASTSERVICESTATECHANGE"),
            }
        } else {
            Self {
                host,
                service: None,
                state: macros.require("HOSTSTATE")?,
                output: macros.get("HOSTOUTPUT"),
                since: macros.get("LASTHOSTSTATECHANGE"),
            }
        })
    }

    /// The same for every notification about one condition, and for no other: parts are escaped before they are joined.
    fn dedup_key(&self) -> String {
        let escape = |part: &str| part.replace('%', "%25").replace(':', "%3A");
        match self.service {
            Some(service) => format!("service:{}:{}", escape(self.host), escape(service)),
            None => format!("host:{}", escape(self.host)),
        }
    }

    fn title(&self) -> String {
        let subject = match self.service {
            Some(service) => format!("{service} on {}", self.host),
            None => self.host.to_owned(),
        };
        match self.output {
            "" => format!("{subject} is {}", self.state),
            output => format!("{subject} is {}: {output}", self.state),
        }
    }

    fn severity(&self) -> Severity {
        match self.state.to_ascii_uppercase().as_str() {
            "CRITICAL" | "DOWN" => Severity::Critical,
            "UNKNOWN" | "UNREACHABLE" => Severity::Error,
            "WARNING" => Severity::Warning,
            "OK" | "UP" => Severity::Info,
            _ => Severity::Unknown,
        }
    }
}

fn event(macros: &Macros) -> Result<Event, ParseError> {
    let (kind, what) = notification_type(macros.require("NOTIFICATIONTYPE")?)?;
    let condition = Condition::read(macros)?;
    let title = match what {
        "" => condition.title(),
        what => format!("{what}: {}", condition.title()),
    };
    let mut event = Event::of(kind, title)
        .dedup_key(condition.dedup_key())
        .severity(condition.severity())
        .source(condition.host)
        .label("host", condition.host)
        .label("state", condition.state)
        .details(&macros.all());
    if let Some(service) = condition.service {
        event = event.label("service", service);
    }
    // Nagios writes seconds, and 0 for a condition that has never changed.
    if let Some(seconds) = condition.since.parse::<u32>().ok().filter(|seconds| *seconds > 0) {
        event = event.starts_at(i64::from(seconds) * 1000);
    }
    Ok(with_extras(event, macros))
}

/// The kind of event, and how its title begins when it is neither a problem nor the end of one.
fn notification_type(name: &str) -> Result<(EventKind, &'static str), ParseError> {
    Ok(match name.to_ascii_uppercase().as_str() {
        "PROBLEM" => (EventKind::Trigger, ""),
        "ACKNOWLEDGEMENT" => (EventKind::Acknowledge, ""),
        "RECOVERY" => (EventKind::Resolve, ""),
        "FLAPPINGSTART" => (EventKind::Change, "flapping started"),
        "FLAPPINGSTOP" | "FLAPPINGEND" => (EventKind::Change, "flapping stopped"),
        "FLAPPINGDISABLED" => (EventKind::Change, "flap detection disabled"),
        "DOWNTIMESTART" => (EventKind::Change, "downtime started"),
        "DOWNTIMEEND" => (EventKind::Change, "downtime ended"),
        "DOWNTIMECANCELLED" | "DOWNTIMEREMOVED" => (EventKind::Change, "downtime cancelled"),
        "CUSTOM" => (EventKind::Change, "notice"),
        _ => {
            return Err(ParseError::new(format!(
                "NOTIFICATIONTYPE: expected PROBLEM, ACKNOWLEDGEMENT, RECOVERY, FLAPPING…, DOWNTIME… or CUSTOM, got `{name}`"
            )));
        }
    })
}

/// What helps a person who looks at it: who said what, and where to read on.
fn with_extras(mut event: Event, macros: &Macros) -> Event {
    let attributes = [
        ("address", &["HOSTADDRESS"][..]),
        ("contact", &["CONTACTNAME"]),
        ("author", &["NOTIFICATIONAUTHOR", "SERVICEACKAUTHOR", "HOSTACKAUTHOR"]),
        ("comment", &["NOTIFICATIONCOMMENT", "SERVICEACKCOMMENT", "HOSTACKCOMMENT"]),
        ("output", &["LONGSERVICEOUTPUT", "LONGHOSTOUTPUT"]),
        ("problem", &["SERVICEPROBLEMID", "HOSTPROBLEMID"]),
    ];
    for (name, sources) in attributes {
        let value = sources.iter().map(|source| macros.get(source)).find(|value| !value.is_empty());
        // 0 is no problem's number: it stands in recoveries.
        if let Some(value) = value.filter(|value| name != "problem" || *value != "0") {
            event = event.attribute(name, value);
        }
    }
    for (source, text) in [
        ("SERVICENOTESURL", "notes"),
        ("HOSTNOTESURL", "notes of the host"),
        ("SERVICEACTIONURL", "action"),
        ("HOSTACTIONURL", "action of the host"),
    ] {
        let href = macros.get(source);
        if href.starts_with("https://") || href.starts_with("http://") {
            event = event.link(href, text);
        }
    }
    event
}

nightbell_plugin::export!(parser: Nagios);
