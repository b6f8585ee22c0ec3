//! The command line against the real API: the real router and `decide`, over a real socket. What is asked here is that
//! requests are understood and answers shown; what they mean is the API's own tests' to ask.

use super::out::kept::{self, Kept};
use super::out::{Format, Out};
use super::{Cli, ask};
use crate::server::fixture::{Fixture, KEY, now};
use clap::Parser;
use nightbell_core::model::TokenKind;

/// A server that listens, and a token.
struct Bench {
    fixture: Fixture,
    server: String,
    token: String,
    out: Out,
    data: Kept,
    talk: Kept,
}

impl Bench {
    async fn new(format: Format) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fixture = Fixture::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(axum::serve(listener, fixture.router.clone()).into_future());
        let token = fixture.token(TokenKind::Admin).await;
        let (out, data, talk) = kept::out(format, now());
        Self { fixture, server, token, out, data, talk }
    }

    /// Runs one command; its data, its talk.
    async fn run(&self, line: &str) -> (String, String) {
        let own = ["--server", &self.server, "--token", &self.token];
        let words = line.split_whitespace().chain(own);
        let cli = Cli::try_parse_from(std::iter::once("nightbell").chain(words));
        let cli = cli.unwrap_or_else(|error| panic!("{line}: {error}"));
        if let Err(failure) = ask(cli.command, &self.out).await {
            panic!("{line}: {failure} {:?} {}", failure.hint, self.talk.take());
        }
        (self.data.take(), self.talk.take())
    }

    /// Runs one command that is refused; why.
    async fn refused(&self, line: &str) -> String {
        let own = ["--server", &self.server, "--token", &self.token];
        let words = line.split_whitespace().chain(own);
        let cli =
            Cli::try_parse_from(std::iter::once("nightbell").chain(words)).expect("understood");
        ask(cli.command, &self.out).await.expect_err(line).message
    }

    /// Data of a command holds all of these.
    async fn shows(&self, line: &str, expected: &[&str]) -> String {
        let (data, _) = self.run(line).await;
        for text in expected {
            assert!(data.contains(text), "{line}: expected `{text}` in\n{data}");
        }
        data
    }

    /// Talk of a command holds this.
    async fn says(&self, line: &str, expected: &str) {
        let (_, talk) = self.run(line).await;
        assert!(talk.contains(expected), "{line}: expected `{expected}` in\n{talk}");
    }
}

#[tokio::test]
async fn an_incident_is_lived_through() {
    let bench = Bench::new(Format::Table).await;
    bench.says("incident list", "no such incidents").await;
    let id = bench.fixture.incident().await;
    bench.shows("incident list", &[&format!("#{id}"), "triggered", "shop", "disk <full>"]).await;
    bench.shows(&format!("incident show {id}"), &["status", "nagios/", "Opened by alert"]).await;
    bench.shows(&format!("incident timeline {id}"), &["Paged"]).await;
    bench.shows(&format!("incident deliveries {id}"), &["page", "email", "pending"]).await;
    bench.says(&format!("incident note {id} the disk is full"), "Noted").await;
    bench.says(&format!("incident ack {id}"), "is acknowledged").await;
    bench.says(&format!("incident snooze {id} --for 2h"), "in 2 h, 05:04").await;
    bench.shows("incident list --status acknowledged", &["snoozed"]).await;
    bench.says(&format!("incident reassign {id} --to bob"), "handed to bob").await;
    bench.says(&format!("incident escalate {id}"), "next step").await;
    bench.says(&format!("incident resolve {id}"), "is resolved").await;
    bench.shows("incident list --status resolved --service shop --limit 1", &["resolved"]).await;
    let timeline =
        bench.shows(&format!("incident timeline {id}"), &["noted: the disk is full"]).await;
    assert!(timeline.lines().count() > 5, "{timeline}");
    assert!(bench.refused("incident show 99").await.contains("incident `99`"));
    bench.refused("incident ack 99 98").await;
    let told = bench.talk.take();
    assert!(told.matches("error:").count() == 2, "each is told: {told}");
}

#[tokio::test]
async fn incidents_are_merged_split_followed_and_counted() {
    let bench = Bench::new(Format::Table).await;
    bench.says("analytics", "No incident").await;
    bench.fixture.incident().await;
    bench.fixture.incident().await;
    bench.says("incident merge 2 --into 1", "Incident 2 goes on in incident 1.").await;
    let shown = bench.shows("incident show 1", &["merged", "#2", "[cli]"]).await;
    bench.shows("incident show 2", &["merged into", "#1", "(moved)"]).await;
    let alerts = shown.lines().find(|line| line.starts_with("alerts")).expect("its alerts");
    let second = alerts.split(", ").nth(1).and_then(|alert| alert.split(' ').next());
    let split = format!("incident split 1 --alert {}", second.expect("an alert"));
    bench.says(&split, "Incident 3 is split off incident 1.").await;
    bench.says("incident priority 1 p2", "has priority P2").await;
    bench.says("incident subscribe 1 --person bob", "bob follows incident 1").await;
    bench.says("incident update 1 a disk is on its way", "Told how").await;
    bench.shows("incident show 1", &["priority", "P2", "subscribers", "bob"]).await;
    bench.says("incident priority 1 none", "has no priority").await;
    bench.says("incident unsubscribe 1 --person bob", "no longer").await;
    bench.shows("incident timeline 1", &["told how it stands: a disk", "took the priority"]).await;
    bench.shows("analytics --until 2026-03-03T00:00:00Z", &["OF", "shop", "all", "MTTA"]).await;
    bench.says("analytics --by person --since 1h --until 09:00", "").await;
    assert!(bench.refused("incident split 1 --alert nagios/none").await.contains("none"));
}

#[tokio::test]
async fn an_event_is_sent_and_explained() {
    let bench = Bench::new(Format::Table).await;
    bench.says("event list", "no such events").await;
    bench.fixture.incident().await;
    let list = bench
        .shows("event list --integration nagios", &["trigger", "critical", "opened incident"])
        .await;
    let id = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("an id").to_owned();
    bench
        .shows(
            &format!("event explain {id}"),
            &[
                "trigger from nagios",
                "filter  mute    abababab  keep",
                "opened incident",
                "payload",
            ],
        )
        .await;
    let send = format!(
        "event send --key {KEY} --title Full --dedup-key db1 --severity critical --label team=shop"
    );
    bench.says(&send, "Accepted").await;
    let arrival = bench.fixture.arrivals().pop().expect("arrived");
    let body = String::from_utf8(arrival.body.to_vec()).expect("text");
    assert!(
        body.contains("\"dedup_key\":\"db1\"") && body.contains("\"routing_key\":\"***\""),
        "{body}"
    );
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("payload.txt");
    std::fs::write(&file, "HOST=db1").expect("written");
    let send = format!("event send --key {KEY} --path some/where --file {}", file.display());
    bench.says(&send, "Accepted").await;
    let arrival = bench.fixture.arrivals().pop().expect("arrived");
    assert_eq!(
        (arrival.path.as_str(), arrival.content_type.as_str()),
        ("/some/where", "text/plain")
    );
    let wrong = "f".repeat(32);
    assert!(
        bench
            .refused(&format!("event send --key {wrong} --file {}", file.display()))
            .await
            .contains("key")
    );
}

#[tokio::test]
async fn duty_is_shown_and_exchanged() {
    let bench = Bench::new(Format::Table).await;
    bench.shows("oncall", &["primary", "weekly"]).await;
    bench.shows("schedule list", &["primary", "Asia/Tokyo", "weekly: alice, bob"]).await;
    bench.shows("schedule show primary", &["alice", "bob"]).await;
    bench.says("schedule gaps primary", "No gaps").await;
    bench.says("schedule override list primary", "no overrides").await;
    bench.says("schedule override add primary --person bob --until 2h", "bob has primary").await;
    bench.shows("oncall --schedule primary --at 1h", &["bob", "override"]).await;
    let list = bench.shows("schedule override list primary", &["bob"]).await;
    let id = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("an id").to_owned();
    assert_eq!(id.len(), 8, "short: {id}");
    bench.says(&format!("schedule override remove primary {id}"), "is gone").await;
    assert!(bench.refused("schedule gaps nowhere").await.contains("schedule `nowhere`"));
}

#[tokio::test]
async fn shifts_are_given_away_absences_imported_and_calendars_fed() {
    let bench = Bench::new(Format::Table).await;
    bench.shows("oncall --service shop", &["STEP", "alice", "primary"]).await;
    bench
        .shows("schedule fairness primary --until 28d --from now", &["alice", "bob", "50.0 %"])
        .await;
    let offer = "schedule swap offer primary --of alice --to bob --from 2026-03-03T00:00:00Z \
        --until 2026-03-04T00:00:00Z -m wedding";
    let id = bench.shows(offer, &[]).await;
    bench.shows("schedule swap list --person bob", &["offered", "alice", "wedding"]).await;
    bench.says(&format!("schedule swap accept {}", &id[..8]), "bob has the shift").await;
    bench.shows("oncall --schedule primary --at 24h", &["bob", "override"]).await;
    let again = bench.refused(&format!("schedule swap withdraw {}", id.trim())).await;
    assert!(again.contains("accepted already"), "{again}");

    let nobody = "schedule temporary add primary --name offsite --from 2026-03-10T00:00:00Z \
        --until 2026-03-11T00:00:00Z";
    bench.says(nobody, "offsite replaces the layers").await;
    bench.shows("schedule gaps primary", &["nobody is on call", "Tue Mar 10 00:00"]).await;
    let list = bench.shows("schedule temporary list primary", &["offsite", "nobody"]).await;
    let one = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("an id");
    bench.says(&format!("schedule temporary remove primary {one}"), "layers hold again").await;

    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("leave.ics");
    let event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Sea\nDTSTART;VALUE=DATE:20260305\n\
        END:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n";
    std::fs::write(&file, event).expect("written");
    let import = format!("person absence import alice {}", file.display());
    let (data, talk) = bench.run(&import).await;
    assert!(data.contains("alice is absent on primary: Sea"), "{data}");
    assert!(talk.contains("line 7 was left out") && talk.contains("one absence"), "{talk}");
    let list = bench.shows("person absence list alice", &["Sea", "leave"]).await;
    let one = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("an id");
    bench.says(&format!("person absence remove alice {one}"), "is over").await;

    bench.shows("person handoff alice", &["Told when a shift begins."]).await;
    bench.shows("person handoff alice --end true --before 30m", &["30m before it begins"]).await;
    let url = bench.shows("schedule ical create primary --name phone", &["/ical/nb_feed_"]).await;
    let list = bench.shows("schedule ical list primary", &["phone", "an admin"]).await;
    assert!(!list.contains(url.trim()), "an address is shown once");
    let one = list.lines().nth(1).and_then(|line| line.split(' ').next()).expect("an id");
    bench.says(&format!("schedule ical revoke primary {one}"), "worthless").await;
    bench.says("person ical list alice", "no feeds").await;
}

#[tokio::test]
async fn policies_are_listed_and_tried_without_paging_anybody() {
    let bench = Bench::new(Format::Table).await;
    let list =
        bench.shows("policy list", &["POLICY", "SERVICES", "shop", "schedule:primary"]).await;
    assert!(list.contains("5m") && list.contains("person:bob"), "{list}");
    let told = bench
        .shows("policy explain shop", &["AFTER", "Paged Alice", "email", "0s", "5m", "fallback"])
        .await;
    let bob = told.lines().position(|line| line.contains("bob"));
    let alice = told.lines().position(|line| line.contains("alice"));
    assert!(alice.expect("the first step") < bob.expect("the second step"), "{told}");
    let others = [
        "policy explain shop --at 24h --urgency low --priority P1 --service shop",
        "policy explain shop --at 2026-03-10T00:00:00Z",
    ];
    for line in others {
        bench.shows(line, &["AFTER", "email"]).await;
    }
    bench.says("incident list", "no such incidents").await;
    bench.shows("maintenance add --service shop --for 2h -m disks", &[]).await;
    let held = ["Nobody would be paged: maintenance window ", ": disks."];
    bench.shows("policy explain shop", &held).await;
    assert!(bench.refused("policy explain nowhere").await.contains("policy `nowhere`"));
    let refused = bench.refused("policy explain shop --service nowhere").await;
    assert!(refused.contains("service `nowhere`"), "{refused}");
    assert!(bench.refused("policy explain shop --priority P9").await.contains("`P1` to `P5`"));
}

#[tokio::test]
async fn silences_people_tokens_and_plugins_are_kept() {
    let bench = Bench::new(Format::Table).await;
    let id = bench.shows("silence add team=shop name=~Disk.* --for 2h --comment moving", &[]).await;
    bench.shows("silence list", &["active", "team=\"shop\"", "in 2 h", "moving", &id[..8]]).await;
    bench.says(&format!("silence edit {} --for 3h", &id[..8]), "in 3 h").await;
    bench.shows("silence list", &["in 3 h", "moving"]).await;
    bench.says(&format!("silence expire {}", &id[..8]), "has ended").await;
    bench.says("silence list", "Nothing is silenced").await;
    bench.shows("silence list --all", &["expired"]).await;

    bench.shows("person list", &["alice", "Asia/Tokyo"]).await;
    let id = bench
        .shows("person method add alice --channel email --address a@example.org --verified", &[])
        .await;
    bench.shows("person method list alice", &["a@example.org", "yes"]).await;
    bench.says(&format!("person rules alice --set high:{}:1m30s", &id[..8]), "are replaced").await;
    bench.shows("person rules alice", &["high", "after 1m30s"]).await;
    bench.shows("person show alice", &["Alice", "a@example.org", "after 1m30s"]).await;
    bench.says(&format!("person method test alice {}", &id[..8]), "on its way").await;
    bench.shows("person method list alice", &["a test is on its way"]).await;
    let (data, talk) =
        bench.run("person method add alice --channel email --address b@example.org").await;
    let new = data.trim().to_owned();
    assert!(talk.contains(&format!("person method verify alice {}", &new[..8])), "{talk}");
    bench.says(&format!("person method verify alice {new}"), "holds for 10 minutes").await;
    bench.shows("person method list alice", &["a code was sent", "no: it is not used"]).await;
    let wrong = format!("person method verify alice {} 12-34", &new[..8]);
    assert!(bench.refused(&wrong).await.contains("6 digits"));
    bench.says("person quiet alice", "at any hour").await;
    bench.says("person quiet alice --set mon-fri/22:00-07:00/P2", "are replaced").await;
    bench.shows("person quiet alice", &["mon–fri", "22:00", "P2 and higher"]).await;
    bench.says("person prefer alice --channel email --status-updates no", "Chosen").await;
    bench.shows("person prefer alice", &["email", "no", "yes"]).await;
    bench.says("person language alice ja", "日本語").await;
    let page = bench.shows("person show alice", &["ja", "mon–fri", "beside pages"]).await;
    assert!(page.contains("quiet hours"), "{page}");
    bench.says("person quiet alice --clear", "no quiet hours").await;
    bench.says("doctor reach --days 2 --within 10m", "At any time somebody would be told").await;
    for who in ["alice", "bob"] {
        let quiet = format!("person quiet {who} --set 00:00-00:00/nothing");
        bench.says(&quiet, "are replaced").await;
    }
    bench.refused("doctor reach --days 1").await;
    let (data, talk) = (bench.data.take(), bench.talk.take());
    assert!(data.contains("hole  shop") && data.contains("quiet hours of"), "{data}");
    assert!(talk.contains("nobody would be told within 15m"), "{talk}");
    for who in ["alice", "bob"] {
        bench.says(&format!("person quiet {who} --clear"), "no quiet hours").await;
    }
    bench.says(&format!("person method remove alice {}", &id[..8]), "Removed").await;
    let refused = bench.refused("person show nobody").await;
    assert!(refused.contains("person `nobody`"), "{refused}");

    let token = bench.shows("token create ci --kind read --expires 90d", &["nb_read_"]).await;
    bench.shows("token create phone --person alice", &["nb_person_"]).await;
    let list = bench.shows("token list", &["ci", "phone", "alice", "in 90 d", "never"]).await;
    assert!(!list.contains(token.trim()), "a token is shown once");
    let line = list.lines().find(|line| line.contains("ci")).expect("listed");
    let id = line.split(' ').next().expect("an id");
    bench.says(&format!("token revoke {id}"), "worthless").await;

    bench.shows("plugin list", &["email", "channel", "running"]).await;
    bench.shows("status", &["server", "version", "triggered"]).await;
}

#[tokio::test]
async fn planned_work_is_tried_planned_and_ended() {
    let bench = Bench::new(Format::Table).await;
    let incident = bench.fixture.incident().await;
    let expected = [
        "Now: 1 firing alert",
        "pauses",
        &format!("#{incident}"),
        "Last 24 h: 1 page",
        "disk <full>",
    ];
    bench.shows("maintenance add --service shop --for 2h --dry-run", &expected).await;
    bench.says("maintenance list", "Nothing is planned").await;
    bench
        .shows("maintenance preview --integration nagios --past 48h", &["Last 48 h: 1 page"])
        .await;
    bench.shows("silence preview team=nobody", &["Now: nothing", "Last 24 h: nothing"]).await;
    let plan = "maintenance add --service shop --days mon-wed,sun --hours 22:00-06:00 --zone Asia/Tokyo --until 2026-04-01T00:00:00Z -m disks";
    let id = bench.shows(plan, &[]).await;
    let list = ["pending", "shop", "mon,tue,wed,sun 22:00-06:00 Asia/Tokyo", "disks", &id[..8]];
    bench.shows("maintenance list", &list).await;
    bench
        .says(
            &format!("maintenance edit {} --hours 12:00-14:00 --zone Asia/Tokyo", &id[..8]),
            "changed",
        )
        .await;
    bench.shows("maintenance list", &["active", "12:00-14:00"]).await;
    bench
        .shows(&format!("incident timeline {incident}"), &["Paused", "maintenance window", "disks"])
        .await;
    bench.says(&format!("maintenance end {}", &id[..8]), "has ended").await;
    bench.shows("maintenance list --all", &["expired"]).await;
    let long = bench.refused("silence add team=shop --for 31d -m x").await;
    assert!(long.contains("at most 30d") && long.contains("`[silence] max`"), "{long}");
    bench.refused("silence add team=shop --for 31d --dry-run").await;
}

#[tokio::test]
async fn programs_get_the_api_as_it_is() {
    let bench = Bench::new(Format::Json).await;
    let id = bench.fixture.incident().await;
    for line in [
        "incident list".to_owned(),
        format!("incident show {id}"),
        format!("incident timeline {id}"),
        format!("incident ack {id}"),
        "event list".to_owned(),
        "oncall".to_owned(),
        "schedule gaps primary".to_owned(),
        "policy list".to_owned(),
        "policy explain shop".to_owned(),
        "silence list".to_owned(),
        "maintenance list".to_owned(),
        "silence preview team=shop".to_owned(),
        "person show alice".to_owned(),
        "plugin list".to_owned(),
        "status".to_owned(),
        "token list".to_owned(),
    ] {
        let (data, talk) = bench.run(&line).await;
        let json: serde_json::Value =
            serde_json::from_str(&data).unwrap_or_else(|error| panic!("{line}: {error}: {data}"));
        assert!(json.is_object() && talk.is_empty(), "{line}: {talk}");
    }
}

#[tokio::test]
async fn a_channels_own_door_is_printed_alone() {
    let bench = Bench::new(Format::Table).await;
    let (data, talk) = bench.run("channel hook email").await;
    let url = bench.fixture.doors.links.channel_url("http://127.0.0.1:7171", "email");
    assert_eq!((data.trim_end(), talk.as_str()), (url.as_str(), ""), "it can be piped");
    assert!(bench.refused("channel hook mute").await.contains("channel `mute`"));
}
