//! Forms of shift swaps.

use super::{disk_enum, disk_struct};
use jiff::Timestamp;
use nightbell_core::model::{DutySpan, PersonId, ScheduleId, Swap, SwapId, SwapStatus};

disk_struct!(StoredDutySpan for DutySpan {
    schedule: ScheduleId,
    starts_at: Timestamp,
    ends_at: Timestamp,
});

disk_enum!(StoredSwapStatus for SwapStatus {
    Offered,
    Accepted { by: PersonId, at: Timestamp },
    Declined { at: Timestamp },
    Withdrawn { at: Timestamp },
    Expired { at: Timestamp },
});

disk_struct!(StoredSwap for Swap {
    id: SwapId,
    from: PersonId,
    to: Option<PersonId>,
    gives: DutySpan,
    in_return: Option<DutySpan>,
    note: String,
    expires_at: Timestamp,
    created_at: Timestamp,
    created_by: String,
    status: SwapStatus,
});
