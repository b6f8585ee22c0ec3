//! What a channel is given to say when one message stands for several pages: how many incidents, on what, and which.
//!
//! Composed when the attempt starts, of what is wanted then: what was answered since the message was decided is not in it
//! (I12). Of a single one that is left it says what a page of that one would.

use super::notification::{self, Facts};
use crate::plugin::{Notification, NotifiedAlert, NotifiedIncident, Purpose};
use nightbell_core::model::{
    Alert, Delivery, Incident, IncidentId, Language, PersonId, Purpose as Told, ServiceId, View,
};
use nightbell_core::notify;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Incidents named in one message; how many there are in all is told besides.
const INCIDENTS_SHOWN_MAX: usize = 200;

/// The incidents that a message still speaks of, oldest first: without those in `gone`, which were answered by what is being
/// committed just now.
pub(super) fn wanted(
    view: View<'_>,
    bundle: &Delivery,
    gone: &BTreeSet<IncidentId>,
) -> Vec<Arc<Incident>> {
    let members = view.state.paces().members(&bundle.id).map(|(incident, _)| *incident);
    let mut ids: Vec<_> = members.filter(|id| !gone.contains(id)).collect();
    ids.dedup();
    let ringing = ids.into_iter().filter_map(|id| view.state.incident(id));
    ringing.filter(|incident| incident.may_page(&bundle.person)).cloned().collect()
}

/// Composes the notification of one attempt. `None` when nothing in it is wanted any more.
pub(super) fn compose(
    view: View<'_>,
    bundle: &Delivery,
    gone: &BTreeSet<IncidentId>,
    facts: Facts,
) -> Option<Notification> {
    let incidents = wanted(view, bundle, gone);
    let first = incidents.first()?;
    let alone = Delivery { purpose: Told::Page, incident: first.id, ..bundle.clone() };
    let mut notification = notification::compose(view, &alone, facts)?;
    if incidents.len() > 1 {
        notification.purpose = Purpose::Page;
        notification.thread = None;
        notification.incident = several(view, &bundle.person, &incidents, notification.incident);
    }
    Some(notification)
}

fn several(
    view: View<'_>,
    reader: &PersonId,
    incidents: &[Arc<Incident>],
    of_first: NotifiedIncident,
) -> NotifiedIncident {
    let services: BTreeSet<_> = incidents.iter().map(|incident| &incident.service).collect();
    let language = notify::language(view, reader);
    let names = Names { view, several: services.len() > 1, language };
    let on = match services.len() {
        1 => of_first.service_name.clone(),
        count => match language {
            Language::English => format!("{count} services"),
            Language::Japanese => format!("{count} サービス"),
        },
    };
    let shown = incidents.iter().take(INCIDENTS_SHOWN_MAX);
    NotifiedIncident {
        title: headline(language, incidents.len(), &on),
        service_name: if names.several { by_service(&names, incidents) } else { on },
        // The highest of all.
        priority: incidents.iter().filter_map(|incident| incident.priority).min(),
        created_at: incidents.first().map_or(of_first.created_at, |first| first.created_at),
        alerts: shown.map(|incident| names.line(incident)).collect(),
        alert_count: u32::try_from(incidents.len()).unwrap_or(u32::MAX),
        ..of_first
    }
}

/// `37 incidents on Shop`.
fn headline(language: Language, count: usize, on: &str) -> String {
    match language {
        Language::English => format!("{count} incidents on {on}"),
        Language::Japanese => format!("{on} のインシデント {count} 件"),
    }
}

/// Services named with their numbers of incidents.
const SERVICES_SHOWN_MAX: usize = 5;

/// `Shop (12), Search (3) and 2 more`, the most afflicted first.
fn by_service(names: &Names<'_>, incidents: &[Arc<Incident>]) -> String {
    let mut counts: BTreeMap<&ServiceId, usize> = BTreeMap::new();
    for incident in incidents {
        *counts.entry(&incident.service).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = counts.len().saturating_sub(SERVICES_SHOWN_MAX);
    let shown = counts.iter().take(SERVICES_SHOWN_MAX);
    let shown = shown.map(|(id, count)| format!("{} ({count})", names.service(id)));
    let (between, more) = match names.language {
        Language::English => (", ", format!(" and {more} more")),
        Language::Japanese => ("、", format!(" ほか {more} 件")),
    };
    let mut text = shown.collect::<Vec<_>>().join(between);
    if counts.len() > SERVICES_SHOWN_MAX {
        text.push_str(&more);
    }
    text
}

struct Names<'a> {
    view: View<'a>,
    /// Whether a line must say which service it is about.
    several: bool,
    language: Language,
}

impl Names<'_> {
    fn service(&self, id: &ServiceId) -> String {
        let service = self.view.directory.services.get(id);
        service.map_or_else(|| id.to_string(), |service| service.name.clone())
    }

    /// One incident in place of an alert: its number, its title, and its service where there are several.
    fn line(&self, incident: &Incident) -> NotifiedAlert {
        let (number, title) = (incident.id, &incident.title);
        let service = match self.several {
            true => format!(" ({})", self.service(&incident.service)),
            false => String::new(),
        };
        let alert: Option<&Arc<Alert>> =
            incident.alerts.iter().find_map(|id| self.view.state.alert(id));
        let unknown = nightbell_core::model::Severity::Unknown;
        NotifiedAlert {
            id: alert.map_or_else(|| no_alert(incident), |alert| alert.id.clone()),
            title: format!("#{number} {title}{service}"),
            firing: true,
            severity: alert.map_or(unknown, |alert| alert.severity),
            starts_at: incident.created_at,
        }
    }
}

/// An incident that rings has a firing alert; its first one's name serves in any case.
fn no_alert(incident: &Incident) -> nightbell_core::model::AlertId {
    let first = incident.alerts.first().cloned();
    first.unwrap_or_else(|| nightbell_core::model::AlertId {
        integration: nightbell_core::model::Directory::BUILT_IN.into(),
        dedup_key: nightbell_core::model::DedupKey::new(""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headline_is_in_the_language_of_whoever_is_paged() {
        assert_eq!(headline(Language::English, 37, "Shop"), "37 incidents on Shop");
        assert_eq!(headline(Language::Japanese, 37, "Shop"), "Shop のインシデント 37 件");
    }
}
