//! Values of schedules and of what was decided about them.

use super::at;
use jiff::civil::{Weekday, date, time};
use jiff::tz::TimeZone;
use nightbell_core::model::{
    Absence, Advance, Change, FixedShift, Layer, OnAbsence, Restriction, Restrictions, Revision,
    Schedule, Temporary, Turn, TurnUnit, Weekdays,
};
use std::sync::Arc;

fn temporary(id: &str) -> Temporary {
    Temporary {
        id: id.into(),
        schedule: "primary".into(),
        name: "Christmas".to_owned(),
        starts_at: at(0),
        ends_at: at(600),
        shifts: vec![FixedShift { person: "bob".into(), starts_at: at(60), ends_at: at(120) }],
        created_at: at(-1),
        created_by: "alice".to_owned(),
    }
}

fn absence(id: &str) -> Absence {
    Absence {
        id: id.into(),
        person: "alice".into(),
        starts_at: at(0),
        ends_at: at(600),
        source: "holidays".to_owned(),
        summary: "Japan".to_owned(),
        created_at: at(-1),
        created_by: "alice".to_owned(),
    }
}

fn layer() -> Layer {
    let (nine, five) = (time(9, 0, 0, 0), time(17, 30, 0, 0));
    let days = Weekdays::default().with(Weekday::Monday).with(Weekday::Sunday);
    Layer {
        time_zone: Some(TimeZone::get("Asia/Tokyo").expect("a zone")),
        handoff: Some(date(2026, 1, 6).at(9, 0, 0, 0)),
        end: Some(date(2027, 1, 5).at(9, 0, 0, 0)),
        advance: Advance::CoveredTurns,
        restrictions: Restrictions::new(vec![
            Restriction::Days { days, from: nine, to: five },
            Restriction::Week { from: (Weekday::Friday, five), to: (Weekday::Monday, nine) },
        ]),
        ..Layer::new(
            "weekly",
            date(2026, 1, 5).at(9, 0, 0, 0),
            Turn { count: 2, unit: TurnUnit::Months },
            vec![Some("alice".into()), None],
        )
    }
}

fn revision(number: u64) -> Revision {
    let zone = TimeZone::get("Europe/Berlin").expect("a zone");
    let mut schedule = Schedule::new("primary".into(), zone, vec![layer()]);
    for unit in [TurnUnit::Hours, TurnUnit::Days, TurnUnit::Weeks] {
        let start = date(2026, 1, 5).at(9, 0, 0, 0);
        let turn = Turn { count: 1, unit };
        schedule.layers.push(Layer::new(&format!("{unit:?}"), start, turn, vec![None]));
    }
    schedule.effective_from = Some(date(2026, 2, 1).at(0, 0, 0, 0));
    schedule.on_absence = OnAbsence::Next;
    Revision {
        schedule: "primary".into(),
        number,
        effective_from: None,
        recorded_at: at(0),
        definition: Some(Arc::new(schedule)),
    }
}

/// At least one of every variant of everything a change about schedules can hold.
pub(super) fn changes() -> Vec<Change> {
    let ended = Revision { effective_from: Some(at(9)), definition: None, ..revision(2) };
    vec![
        Change::Temporary(Arc::new(temporary("w1"))),
        Change::RemoveTemporary("w0".into()),
        Change::Absence(Arc::new(absence("x1"))),
        Change::RemoveAbsence("x0".into()),
        Change::Revision(Arc::new(revision(1))),
        Change::Revision(Arc::new(ended)),
        Change::RemoveRevision { schedule: "primary".into(), number: 7 },
    ]
}
