from nightbell_plugin import Event, ParseError, Parser, Payload


class Pings(Parser):
    """Bytes in, events out, while the sender waits."""

    def parse(self, payload: Payload) -> list[Event]:
        ping = payload.json()
        if not isinstance(ping, dict) or not isinstance(ping.get("host"), str):
            raise ParseError("host: expected text")
        host, up = ping["host"], bool(ping.get("up"))
        return [
            Event(
                title=f"{host} is {'up' if up else 'down'}",
                kind="resolve" if up else "trigger",
                # The same for the problem and its recovery.
                dedup_key=host,
                severity="critical",
                source=host,
            )
        ]
