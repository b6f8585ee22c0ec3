"""Wakes nobody for environments where nothing is urgent."""

from nightbell_plugin import Event, Filter, Verdict, modify, settings, suppress


class Plugin(Filter):
    def judge(self, event: Event) -> Verdict | None:
        environment = event.labels.get("environment")
        if environment not in settings().get("quiet", ["staging"]):
            return None
        if event.severity == "critical":
            return modify(set_labels={"quiet": "overruled"})
        # The reason stands beside the event for whoever asks why nobody was paged.
        return suppress(f"{environment} is a quiet environment")
