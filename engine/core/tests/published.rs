//! Schedules that other products' public pages describe, rebuilt: who coming from there writes down the same must get the
//! same people. Each test names its page; dates and names are ours.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use nightbell_core::model::*;
use nightbell_core::schedule::calendar;
use std::sync::Arc;

const DAY: Turn = Turn { count: 1, unit: TurnUnit::Days };
const WEEK: Turn = Turn { count: 1, unit: TurnUnit::Weeks };

fn layer(name: &str, start: &str, turn: Turn, people: &[&str]) -> Layer {
    let people = people.iter().map(|id| Some(PersonId::new(id))).collect();
    Layer::new(name, start.parse().expect(start), turn, people)
}

fn restricted(layer: Layer, written: Vec<Restriction>) -> Layer {
    Layer { restrictions: Restrictions::new(written), ..layer }
}

fn hour(hour: i8) -> Time {
    Time::constant(hour, 0, 0, 0)
}

fn hours(days: &[Weekday], from: i8, to: i8) -> Restriction {
    Restriction::Days { days: days.iter().copied().collect(), from: hour(from), to: hour(to) }
}

const WEEKDAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

/// Each line: a local time, and who is on call; `-`: nobody.
fn check(zone: &str, layers: Vec<Layer>, expected: &[(&str, &str)]) {
    let id = ScheduleId::new("s");
    let zone = TimeZone::get(zone).expect(zone);
    let mut directory = Directory::default();
    let schedule = Schedule::new(id.clone(), zone.clone(), layers);
    directory.schedules.insert(id.clone(), Arc::new(schedule));
    let state = State::default();
    let calendar = calendar(View { directory: &directory, state: &state }, &id).expect("known");
    for (local, person) in expected {
        let local: jiff::civil::DateTime = local.parse().expect(local);
        let at: Timestamp = zone.to_timestamp(local).expect("in range");
        let got = calendar.on_call(at).map(|shift| shift.person.to_string());
        assert_eq!(got.as_deref().unwrap_or("-"), *person, "at {local}");
    }
}

/// PagerDuty, "Schedule Basics", <https://support.pagerduty.com/docs/schedules>: of overlapping layers the last one in the
/// list is on call; the other is hidden and is back when the overlap ends; where none covers, nobody is on call.
#[test]
fn pagerduty_the_last_layer_hides_the_others_while_they_overlap() {
    let all_day =
        restricted(layer("1", "2026-01-05T08:00", WEEK, &["one"]), vec![hours(&WEEKDAYS, 8, 20)]);
    let noon =
        restricted(layer("2", "2026-01-05T08:00", WEEK, &["two"]), vec![hours(&WEEKDAYS, 12, 14)]);
    check(
        "America/New_York",
        vec![all_day, noon],
        &[
            ("2026-01-06T07:59", "-"),
            ("2026-01-06T08:00", "one"),
            ("2026-01-06T12:00", "two"),
            ("2026-01-06T13:59", "two"),
            ("2026-01-06T14:00", "one"),
            ("2026-01-06T20:00", "-"),
        ],
    );
}

/// PagerDuty, "Schedule Examples", example 1 "Basic 9 to 5 Schedules",
/// <https://support.pagerduty.com/main/docs/schedule-examples>: a daily rotation handed over at 9:00, restricted to 9:00 to
/// 17:00 on weekdays. Days go on being counted over the weekend: of three people each Monday's is the third after Friday's.
#[test]
fn pagerduty_a_daily_rotation_from_nine_to_five() {
    let days = layer("1", "2026-01-05T09:00", DAY, &["one", "two", "three"]);
    let layers = vec![restricted(days, vec![hours(&WEEKDAYS, 9, 17)])];
    check(
        "America/New_York",
        layers.clone(),
        &[
            ("2026-01-05T08:59", "-"),
            ("2026-01-05T09:00", "one"),
            ("2026-01-05T16:59", "one"),
            ("2026-01-05T17:00", "-"),
            ("2026-01-06T09:00", "two"),
            ("2026-01-07T09:00", "three"),
            ("2026-01-08T09:00", "one"),
            ("2026-01-09T09:00", "two"),
            ("2026-01-10T12:00", "-"),
            ("2026-01-11T12:00", "-"),
            ("2026-01-12T09:00", "two"),
        ],
    );
    // The same where nobody loses a turn to the weekend.
    let advance = Advance::CoveredTurns;
    let layers = layers.into_iter().map(|layer| Layer { advance, ..layer }).collect();
    check(
        "America/New_York",
        layers,
        &[
            ("2026-01-09T09:00", "two"),
            ("2026-01-12T09:00", "three"),
            ("2026-01-13T09:00", "one"),
            ("2026-01-16T09:00", "one"),
            ("2026-01-19T09:00", "two"),
            ("2036-01-07T09:00", "one"),
        ],
    );
}

/// PagerDuty, "Schedule Examples", "Complex Irregular Schedules", <https://support.pagerduty.com/docs/schedule-examples>: six
/// people in two layers of weekly turns of 12-hour shifts, one on Sunday, Tuesday, Thursday and Saturday, the other on Monday,
/// Wednesday and Friday and staggered by three weeks.
#[test]
fn pagerduty_two_staggered_weeks_of_alternate_days() {
    use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    let stts = layer("STTS", "2026-01-04T07:00", WEEK, &["1", "2", "3", "4", "5", "6"]);
    let stts = restricted(stts, vec![hours(&[Sunday, Tuesday, Thursday, Saturday], 7, 19)]);
    let mwf = layer("MWF", "2026-01-05T07:00", WEEK, &["4", "5", "6", "1", "2", "3"]);
    let mwf = restricted(mwf, vec![hours(&[Monday, Wednesday, Friday], 7, 19)]);
    check(
        "America/Los_Angeles",
        vec![stts, mwf],
        &[
            ("2026-01-04T07:00", "1"),
            ("2026-01-05T07:00", "4"),
            ("2026-01-05T19:00", "-"),
            ("2026-01-06T18:59", "1"),
            ("2026-01-10T07:00", "1"),
            ("2026-01-11T07:00", "2"),
            ("2026-01-12T07:00", "5"),
            ("2026-01-25T07:00", "4"),
            ("2026-01-26T07:00", "1"),
            // Six weeks later everybody is where they began.
            ("2026-02-15T07:00", "1"),
            ("2026-02-16T07:00", "4"),
        ],
    );
}

/// PagerDuty, "Setting up Restrictions for On-Call Shifts",
/// <https://support.pagerduty.com/hc/en-us/articles/202830160>: on call from 19:00 to 07:00 on weekdays; by day and over the
/// weekend there are gaps until another layer fills them.
#[test]
fn pagerduty_weekday_nights_leave_gaps_that_a_second_layer_fills() {
    let nights = layer("nights", "2026-01-05T19:00", WEEK, &["night"]);
    let nights = restricted(nights, vec![hours(&WEEKDAYS, 19, 7)]);
    let lines = |gap: &'static str| {
        [
            ("2026-01-05T18:59", gap),
            ("2026-01-05T19:00", "night"),
            ("2026-01-06T06:59", "night"),
            ("2026-01-06T07:00", gap),
            ("2026-01-10T06:59", "night"),
            ("2026-01-10T07:00", gap),
            ("2026-01-11T22:00", gap),
        ]
    };
    check("Europe/London", vec![nights.clone()], &lines("-"));
    let days = layer("days", "2026-01-01T00:00", WEEK, &["day"]);
    check("Europe/London", vec![days, nights], &lines("day"));
}

/// Grafana OnCall, "OnCall shifts HTTP API", `level`,
/// <https://grafana.com/docs/grafana-cloud/oncall/oncall-api-reference/on_call_shifts/>: Alex from 8 to 11 on level 1, Bob from 9
/// to 11 on level 2: at 8 it is Alex, at 10 it is Bob. A level is a later layer.
#[test]
fn grafana_the_higher_level_is_on_call() {
    let alex = layer("level 1", "2026-01-05T00:00", DAY, &["alex"]);
    let bob = layer("level 2", "2026-01-05T00:00", DAY, &["bob"]);
    let layers = vec![
        restricted(alex, vec![hours(&WEEKDAYS, 8, 11)]),
        restricted(bob, vec![hours(&WEEKDAYS, 9, 11)]),
    ];
    let expected = [
        ("2026-01-05T07:00", "-"),
        ("2026-01-05T08:00", "alex"),
        ("2026-01-05T10:00", "bob"),
        ("2026-01-05T11:00", "-"),
    ];
    check("UTC", layers, &expected);
}

/// Grafana IRM, "On-call schedule examples", "Weekly rotation with 12-hour daily shifts",
/// <https://grafana.com/docs/grafana-cloud/alerting-and-irm/irm/on-call-schedules/schedule-examples/>: two rotations of 12 hours a
/// day each; people have the same hours for a week, then the next have them, then the first again.
#[test]
fn grafana_weekly_turns_of_twelve_hours_by_day_and_by_night() {
    let every_day: Vec<Weekday> = Weekdays::ALL.iter().collect();
    let day = layer("day", "2026-01-05T09:00", WEEK, &["d1", "d2"]);
    let night = layer("night", "2026-01-05T21:00", WEEK, &["n1", "n2"]);
    let layers = vec![
        restricted(day, vec![hours(&every_day, 9, 21)]),
        restricted(night, vec![hours(&every_day, 21, 9)]),
    ];
    check(
        "Europe/Berlin",
        layers,
        &[
            ("2026-01-05T09:00", "d1"),
            ("2026-01-05T21:00", "n1"),
            ("2026-01-06T09:00", "d1"),
            ("2026-01-11T21:00", "n1"),
            ("2026-01-12T08:59", "n1"),
            ("2026-01-12T09:00", "d2"),
            ("2026-01-12T21:00", "n2"),
            ("2026-01-19T09:00", "d1"),
            ("2026-01-19T21:00", "n1"),
        ],
    );
}

/// GitLab handbook, SSCS on-call rotation, <https://handbook.gitlab.com/handbook/engineering/development/sec/>: around the clock
/// from Monday to Friday in three regional blocks, APAC from 23:00 to 07:00 UTC, EMEA to 15:00, AMER to 23:00. Here each block is
/// written on the wall clock of its people, so that it moves with them.
#[test]
fn gitlab_follow_the_sun_in_three_regions() {
    let region = |name: &str, zone: &str, from: i8, to: i8| {
        let layer = layer(name, "2026-01-05T00:00", WEEK, &[name]);
        let time_zone = Some(TimeZone::get(zone).expect(zone));
        restricted(Layer { time_zone, ..layer }, vec![hours(&WEEKDAYS, from, to)])
    };
    let layers = vec![
        region("apac", "Asia/Tokyo", 8, 16),
        region("emea", "Europe/Berlin", 8, 16),
        region("amer", "America/New_York", 10, 18),
    ];
    check(
        "UTC",
        layers,
        &[
            ("2026-01-06T22:59", "amer"),
            ("2026-01-06T23:00", "apac"),
            ("2026-01-07T06:59", "apac"),
            ("2026-01-07T07:00", "emea"),
            ("2026-01-07T14:59", "emea"),
            ("2026-01-07T15:00", "amer"),
            ("2026-01-10T12:00", "-"),
            // In summer Berlin and New York are an hour earlier, Tokyo is not.
            ("2026-07-07T05:59", "apac"),
            ("2026-07-07T06:00", "emea"),
            ("2026-07-07T14:00", "amer"),
            ("2026-07-07T22:00", "-"),
            ("2026-07-07T23:00", "apac"),
        ],
    );
}
