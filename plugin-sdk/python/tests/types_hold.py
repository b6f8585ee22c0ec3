"""What the types allow, and what they refuse: `mypy --strict` reads it, nothing runs it. Every ignored error must be one, else
mypy says that the comment is not needed."""

from datetime import datetime, timezone

from nightbell_plugin import (
    Accepted,
    Answer,
    Channel,
    Decision,
    Event,
    Failure,
    Filter,
    Label,
    Link,
    Notification,
    ParseError,
    Parser,
    Payload,
    Receipt,
    Request,
    Router,
    Verdict,
    drop,
    http,
    keep,
    log,
    modify,
    secret,
    settings,
    state,
    suppress,
)


class Night(Filter):
    def judge(self, event: Event) -> Verdict | None:
        if event.severity == "info":
            return drop("noise")
        if event.labels.get("team") is None:
            return modify(set_labels={"team": "ops"}, remove_labels=["a"], details=None, title=event.title)
        if state.get("seen") is None:
            state.set("seen", "1", ttl_s=60)
            return suppress("night", until=datetime.now(timezone.utc))
        modify(severity="loud")  # type: ignore[arg-type]
        drop()  # type: ignore[call-arg]
        event.titel  # type: ignore[attr-defined]
        return keep()


class Wrong(Filter):
    def judge(self, event: Event) -> Decision | None:  # type: ignore[override]
        return None


class Teams(Router):
    def route(self, event: Event) -> Decision | None:
        Decision(urgency="medium")  # type: ignore[arg-type]
        return Decision(service=event.labels["team"], urgency="low") if event.labels else None


class Lines(Parser):
    def parse(self, payload: Payload) -> list[Event]:
        if not payload.body:
            raise ParseError("expected a line")
        Event(kind="resolve")  # type: ignore[call-arg]
        Event("x", attributes=[("a", "b")])  # type: ignore[list-item]
        links = [Link("https://example.org")]
        return [Event(payload.text(), starts_at=payload.received_at, links=links, attributes=[Label("a", "b")])]


class Chat(Channel):
    def deliver(self, notification: Notification) -> Receipt | None:
        answer = http.post("https://chat.example.org", json={"text": notification.incident.title})
        if answer.status == 429:
            raise Failure.transient("busy", retry_after_s=30)
        log.info(str(settings().get("room")))
        return Accepted(id="1")

    def callback(self, request: Request) -> Answer:
        if not secret.verify("key", request.body, "00"):
            return Answer("nothing", status=403)
        Answer("explode")  # type: ignore[arg-type]
        return Answer("acknowledge")

    def validate(self, address: str) -> str:
        return address.strip()
