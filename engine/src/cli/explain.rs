//! How the explanation of one event looks: how it came in, who judged it and how, what became of it, who was paged and who
//! was not, and why. Pure; the words are the server's.

use super::incident;
use super::json;
use super::look::{Look, Tone, paint, safe, safe_lines};
use super::session::short;
use super::table::{Table, cell, facts};
use serde_json::Value;

/// Lines of a payload that are shown.
const BODY_LINES: usize = 12;

/// The whole explanation.
pub(super) fn page(explained: &Value, look: &Look) -> String {
    let parts = [
        heading(explained, look),
        section("stages", stages(explained, look), look),
        section("remarks", lines(explained, "remarks"), look),
        section("pages", pages(explained, look), look),
        section("payload", body(explained), look),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn section(name: &str, text: String, look: &Look) -> String {
    if text.is_empty() {
        return text;
    }
    format!("{}\n{text}", paint(name, Tone::Strong, look.color))
}

fn heading(explained: &Value, look: &Look) -> String {
    let text = |path: &str| cell(json::text(explained, path));
    let came = json::time(explained, "arrival.received_at").map(|at| look.when(at));
    let kind = json::text(explained, "event.kind");
    let kind = if kind.is_empty() { "a payload".to_owned() } else { kind };
    let id = json::text(explained, "id");
    let title = format!(
        "event {id}: {} from {}",
        safe(&kind),
        safe(&json::text(explained, "arrival.integration"))
    );
    let labels = json::pairs(json::at(explained, "event.labels"));
    let labels: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let facts = facts(
        &[
            ("title", text("event.title").tone(Tone::Strong)),
            ("severity", text("event.severity").state()),
            ("source", text("event.source")),
            ("dedup key", text("event.dedup_key")),
            ("labels", cell(labels.join(", "))),
            ("received", cell(came.unwrap_or_default())),
            ("parser", cell(parser(explained)).tone(parser_tone(explained))),
            ("refused", cell(lines(explained, "arrival.rejected"))),
            ("what became of it", cell(fate(explained)).tone(Tone::Strong)),
        ],
        look,
    );
    format!("{}\n{facts}", paint(&title, Tone::Strong, look.color))
}

/// What became of an event, in words; an undecided or unparsed one too.
pub(super) fn fate(explained: &Value) -> String {
    let fate = json::text(explained, "fate");
    if !fate.is_empty() {
        return fate;
    }
    match json::first(explained, &["arrival.parsing", "parsing"]).as_str() {
        "rejected" => "refused by its parser: the sender was told".to_owned(),
        _ => "not decided yet".to_owned(),
    }
}

fn parser(explained: &Value) -> String {
    let name = json::text(explained, "arrival.parser.name");
    let name = if name.is_empty() { "none".to_owned() } else { name };
    let sha256 = json::text(explained, "arrival.parser.sha256");
    let stamp = if sha256.is_empty() { name } else { format!("{name} {}", short(&sha256)) };
    let message = json::text(explained, "arrival.message");
    match json::text(explained, "arrival.parsing").as_str() {
        "rejected" => format!("{stamp}, which refused it: {message}"),
        "failed" => format!("{stamp}, which failed: {message}; the payload is kept as a raw event"),
        _ => stamp,
    }
}

fn parser_tone(explained: &Value) -> Tone {
    match json::text(explained, "arrival.parsing").as_str() {
        "rejected" | "failed" => Tone::Bad,
        _ => Tone::Plain,
    }
}

fn stages(explained: &Value, look: &Look) -> String {
    let mut table = Table::new(&["stage", "plugin", "version", "verdict", "time"]);
    for stage in json::list(explained, "stages") {
        let verdict = json::text(stage, "verdict");
        let tone = match verdict.split([' ', ':']).next().unwrap_or_default() {
            "drop" | "failed" => Tone::Bad,
            "suppress" | "modify" => Tone::Warn,
            _ => Tone::Plain,
        };
        let time =
            format!("{} µs for {}", json::text(stage, "batch_us"), json::text(stage, "batch_len"));
        table.row([
            cell(json::text(stage, "stage")),
            cell(json::text(stage, "plugin")).tone(Tone::Strong),
            cell(short(&json::text(stage, "sha256"))),
            cell(verdict).tone(tone),
            cell(time).tone(Tone::Quiet),
        ]);
    }
    table.render(look)
}

fn lines(explained: &Value, path: &str) -> String {
    let lines = json::list(explained, path).iter().map(|line| safe(&json::plain(line)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Who was paged and who was not, of the incident that the event changed.
fn pages(explained: &Value, look: &Look) -> String {
    let told = incident::entries(json::list(explained, "pages"), look);
    let incident = json::text(explained, "incident");
    if told.is_empty() || incident.is_empty() {
        return told;
    }
    format!("{told}\nThe whole story: nightbell incident show {}", safe(&incident))
}

fn body(explained: &Value) -> String {
    let body = safe_lines(&json::text(explained, "arrival.body"));
    let mut lines: Vec<&str> = body.lines().take(BODY_LINES).collect();
    let cut = explained["arrival"]["body_cut"].as_bool().unwrap_or(false);
    if cut || body.lines().count() > BODY_LINES {
        lines.push("… (all of it with `-o json`)");
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    fn check(explained: &Value) -> String {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        page(explained, &Look { width: None, color: false, now, zone })
    }

    #[test]
    fn every_stage_of_an_event_is_told() {
        let sha256 = "3fa9c1d2e4b5a6978877665544332211aabbccddeeff00112233445566778899";
        let shown = check(&json!({
            "id": "41",
            "event": {
                "kind": "trigger", "dedup_key": "db1/disk", "title": "Disk full on db1", "severity": "critical",
                "source": "db1", "labels": {"team": "shop", "env": "prod"}, "attributes": [], "links": [], "details": null,
            },
            "arrival": {
                "integration": "nagios", "received_at": "2026-03-02T00:41:00Z", "content_type": "text/plain",
                "body": "HOST=db1\nSTATE=CRITICAL\u{1b}[2J", "body_cut": false,
                "parser": {"name": "nagios", "sha256": sha256}, "parsing": "parsed", "rejected": [],
            },
            "stages": [
                {"stage": "filter", "plugin": "mute", "sha256": sha256, "verdict": "keep", "batch_us": 41, "batch_len": 3},
                {"stage": "route", "plugin": "by-label", "sha256": sha256, "verdict": "service shop", "batch_us": 9, "batch_len": 3},
            ],
            "fate": "opened incident 12",
            "incident": "12",
            "remarks": ["by-label: no priority `P9`"],
            "pages": [
                {"seq": 2, "at": "2026-03-02T00:41:00Z", "kind": "paged", "text": "Paged Alice on email: step 1, on call for primary."},
                {"seq": 3, "at": "2026-03-02T00:41:00Z", "kind": "not-paged", "text": "Bob not paged: no verified contact method."},
            ],
        }));
        insta::assert_snapshot!(shown, @r"
        event 41: trigger from nagios
        title              Disk full on db1
        severity           critical
        source             db1
        dedup key          db1/disk
        labels             env=prod, team=shop
        received           3 min ago, 09:41
        parser             nagios 3fa9c1d2
        what became of it  opened incident 12

        stages
        STAGE   PLUGIN    VERSION   VERDICT       TIME
        filter  mute      3fa9c1d2  keep          41 µs for 3
        route   by-label  3fa9c1d2  service shop  9 µs for 3

        remarks
        by-label: no priority `P9`

        pages
        09:41:00  Paged Alice on email: step 1, on call for primary.
        09:41:00  Bob not paged: no verified contact method.
        The whole story: nightbell incident show 12

        payload
        HOST=db1
        STATE=CRITICAL�[2J
        ");
    }

    #[test]
    fn a_refused_payload_says_so() {
        let shown = check(&json!({
            "id": "42", "event": null,
            "arrival": {
                "integration": "nagios", "received_at": "2026-03-02T00:43:00Z", "body": "{\"a\":", "body_cut": true,
                "parser": {"name": "generic", "sha256": "00"}, "parsing": "rejected", "message": "expected a value at line 1", "rejected": [],
            },
            "stages": [], "fate": null, "incident": null, "remarks": [], "pages": [],
        }));
        insta::assert_snapshot!(shown, @r#"
        event 42: a payload from nagios
        received           1 min ago, 09:43
        parser             generic 00, which refused it: expected a value at line 1
        what became of it  refused by its parser: the sender was told

        payload
        {"a":
        … (all of it with `-o json`)
        "#);
    }
}
