// Sends events to the service of the team that owns them.

import { router, settings } from "nightbell-plugin";

export default router((event) => {
  const { services = {} } = settings();
  const service = services[event.labels.team];
  // No opinion: the next router, or the integration's own service.
  if (service === undefined) return null;
  return {
    service,
    // Alerts of one service with the same key share an incident.
    groupKey: event.labels.cluster,
    urgency: event.severity === "info" ? "low" : undefined,
  };
});
