"""Sends events to the service of the team that owns them."""

from nightbell_plugin import Decision, Event, Router, settings


class Plugin(Router):
    def route(self, event: Event) -> Decision | None:
        service = settings().get("services", {}).get(event.labels.get("team"))
        if service is None:
            # No opinion: the next router, or the integration's own service.
            return None
        return Decision(
            service=service,
            # Alerts of one service with the same key share an incident.
            group_key=event.labels.get("cluster"),
            urgency="low" if event.severity == "info" else None,
        )
