//! Forms of who did something, of plugins, targets and timers.

use super::disk_enum;
use super::disk_struct;
use nightbell_core::model::{
    Actor, AlertId, DedupKey, DeliveryId, IncidentId, IntegrationId, Lane, MaintenanceWindowId,
    PersonId, PluginStamp, QuietId, RoomId, ScheduleId, SilenceId, SwapId, Target, TeamId,
    TimerKey,
};
use std::sync::Arc;

disk_struct!(StoredAlertId for AlertId { integration: IntegrationId, dedup_key: DedupKey });

disk_struct!(StoredPluginStamp for PluginStamp { name: Arc<str>, sha256: Arc<str> });

disk_enum!(StoredActor for Actor {
    Person(id: PersonId),
    Admin(name: String),
    Monitor(integration: IntegrationId),
    Engine,
});

disk_enum!(StoredTarget for Target {
    Person(id: PersonId),
    Schedule(id: ScheduleId),
    Next(id: ScheduleId),
    Team(id: TeamId),
    Room(id: RoomId),
});

disk_enum!(StoredTimerKey for TimerKey {
    Notify { incident: IncidentId, delivery: DeliveryId },
    Escalate(incident: IncidentId),
    Snooze(incident: IncidentId),
    Expire(alert: AlertId),
    Unsuppress(alert: AlertId),
    Silence(silence: SilenceId),
    Forget(alert: AlertId),
    Leave(incident: IncidentId),
    Repage(incident: IncidentId),
    AcknowledgeTimeout(incident: IncidentId),
    AutoResolve(incident: IncidentId),
    SupportHours(incident: IncidentId),
    MaintenanceWindow(maintenance_window: MaintenanceWindowId),
    Settle(incident: IncidentId),
    Sweep { of: QuietId, after: AlertId },
    Swap(swap: SwapId),
    Watch(schedule: ScheduleId),
    Window(lane: Lane),
    PassOn(delivery: DeliveryId),
});
