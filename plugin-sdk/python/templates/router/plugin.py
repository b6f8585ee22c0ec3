from nightbell_plugin import Decision, Event, Router, settings


class ByEnvironment(Router):
    """One decision per event; saying nothing leaves it to the next router."""

    def route(self, event: Event) -> Decision | None:
        match event.labels.get("environment"):
            case None:
                return None
            case "production":
                return Decision(urgency="high")
            case _:
                return Decision(service=settings().get("sandbox", "sandbox"), urgency="low")
