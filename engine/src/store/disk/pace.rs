//! Forms of lanes, their windows and what waits in them.

use super::{disk_enum, disk_struct};
use jiff::Timestamp;
use nightbell_core::model::{DeliveryId, Lane, LaneKind, MethodId, Pace, PersonId, Waiting};

disk_enum!(StoredLaneKind for LaneKind { High, Low, News });

disk_struct!(StoredLane for Lane { person: PersonId, method: MethodId, kind: LaneKind });

disk_enum!(StoredWaiting for Waiting {
    Nothing,
    Pages { bundle: DeliveryId, count: u32 },
    News { count: u32, lines: Vec<String> },
});

disk_struct!(StoredPace for Pace {
    lane: Lane,
    since: Timestamp,
    until: Timestamp,
    level: u32,
    sent: u32,
    waiting: Waiting,
});
