//! Planned work: whose alerts page nobody, and when.

use super::{Alert, Edit, IntegrationId, MaintenanceWindowId, QuietTime, ServiceId};
use jiff::Timestamp;

/// While it holds, alerts of these services and integrations fire but page nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct MaintenanceWindow {
    /// Identity.
    pub id: MaintenanceWindowId,
    /// All alerts that were routed to these. Together with `integrations` not empty.
    pub services: Vec<ServiceId>,
    /// All alerts that came in through these.
    pub integrations: Vec<IntegrationId>,
    /// When it holds.
    pub time: QuietTime,
    /// Who planned it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// When it was planned.
    pub created_at: Timestamp,
    /// Who changed it since, oldest first; the latest ones when there were many.
    pub history: Vec<Edit>,
}

impl MaintenanceWindow {
    /// Whether it is about this alert, at whatever time.
    pub fn is_about(&self, alert: &Alert) -> bool {
        self.services.contains(&alert.service) || self.integrations.contains(&alert.id.integration)
    }
}
