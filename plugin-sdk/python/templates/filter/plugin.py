from nightbell_plugin import Event, Filter, Verdict, drop, modify, settings


class Teams(Filter):
    """One verdict per event; saying nothing keeps it."""

    def judge(self, event: Event) -> Verdict | None:
        team = event.labels.get("team")
        if team in settings().get("muted_teams", []):
            return drop(f"{team} is muted")
        if team is None:
            return modify(set_labels={"team": "ops"})
        return None
