"""What componentize-py makes of the contract, as far as the tests need it."""

from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any


class Err(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


def record(name: str, fields: str) -> type:
    return dataclass(type(name, (), {"__annotations__": dict.fromkeys(fields.split(), Any)}))


def cases(name: str, words: str) -> type:
    return Enum(name, {word: at for at, word in enumerate(words.split())})


types = SimpleNamespace(
    EventKind=cases("EventKind", "TRIGGER ACKNOWLEDGE RESOLVE CHANGE"),
    Severity=cases("Severity", "CRITICAL ERROR WARNING INFO UNKNOWN"),
    Urgency=cases("Urgency", "HIGH LOW"),
    Label=record("Label", "name value"),
    Link=record("Link", "href text"),
    Image=record("Image", "src href alt"),
    Event=record(
        "Event",
        "kind dedup_key title severity starts_at expires_at source links images labels details attributes",
    ),
)
parsing = SimpleNamespace(
    Reply=record("Reply", "status content_type body"),
    Parsed=record("Parsed", "events reply rejected"),
    ParseError=record("ParseError", "message reply"),
)
delivery = SimpleNamespace(
    ReceiptState=cases("ReceiptState", "ACCEPTED DELIVERED"),
    Receipt=record("Receipt", "state id thread problems"),
    FailureKind=cases("FailureKind", "TRANSIENT PERMANENT BAD_ADDRESS"),
    Failure=record("Failure", "kind message retry_after_s"),
    Answer=record("Answer", "action delivery account status content_type body"),
    **{
        f"AnswerAction_{case}": record(case, "")
        for case in ("Acknowledge", "Resolve", "Escalate", "Delivered", "Nothing")
    },
    AnswerAction_Failed=record("Failed", "value"),
    AnswerAction_Snooze=record("Snooze", "value"),
)
bindings = SimpleNamespace(Err=Err, types=types, parsing=parsing, delivery=delivery)


def payload(body: bytes = b"", **given: Any) -> Any:
    usual = dict(id="p", integration="i", method="POST", path="/", query="", headers=[], content_type="", received_at=0)
    return SimpleNamespace(**usual | dict(body=body, attachments=[]) | given)


def notification(**given: Any) -> Any:
    event = types.Event(types.EventKind.TRIGGER, None, "t", types.Severity.ERROR, None, 5, "", [], [], [], '{"a":1}', [])
    incident = SimpleNamespace(
        id="1", number=1, title="disk", status="triggered", urgency=types.Urgency.HIGH, priority=None, service="shop",
        service_name="Shop", created_at=0, alerts=[], alert_count=0, answered_by=[],
    )
    usual = dict(
        id="n", attempt=1, purpose=SimpleNamespace(name="STATUS_UPDATE"), created_at=0, now=1, address="https://a.example.org",
        person="alice", person_name="Alice", language="en", reason="on call", incident=incident, event=event,
        answers=SimpleNamespace(view=None, acknowledge=None, resolve=None), callback_url=None, thread=None, update="",
    )
    return SimpleNamespace(**usual | given)


def request(body: bytes = b"", headers: dict[str, str] | None = None, **given: Any) -> Any:
    pairs = [SimpleNamespace(name=name, value=value) for name, value in (headers or {}).items()]
    return SimpleNamespace(**dict(method="POST", url="", headers=pairs, body=body, now=0, delivery=None) | given)
