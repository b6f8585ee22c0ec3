"""Reads the reports of a monitor that says which check is down or up."""

from nightbell_plugin import Event, Link, ParseError, Parser, Payload, settings


class Plugin(Parser):
    def parse(self, payload: Payload) -> list[Event]:
        report = payload.json()
        if not isinstance(report, dict) or not isinstance(report.get("check"), str):
            raise ParseError("body: expected a text `check`")
        check, state = report["check"], report.get("state")
        if state not in ("down", "up"):
            raise ParseError("body: expected a `state` of down or up")
        # The same key for the problem and its end: that is how the one resolves the other.
        if state == "up":
            return [Event(title=f"{check} is up", kind="resolve", source=check, dedup_key=check)]
        dashboard = settings().get("dashboard")
        return [
            Event(
                title=f"{check} is down: {report.get('message', '')}",
                severity="critical",
                source=check,
                dedup_key=check,
                links=[Link(f"{dashboard}/checks/{check}", "Dashboard")] if dashboard else [],
            )
        ]
