"""A plugin's own tests, without an engine: a fake host takes the place of the real one.

Time and randomness are the test's own here, unless it imports `nightbell_plugin._prelude` as a component does.
"""

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from types import SimpleNamespace
from typing import Any

from ._event import Event
from ._filter import Filter
from ._host import Response, connect
from ._router import Router

AT = 1_767_603_600_000


class Refusal(Exception):
    """As the bindings raise the contract's errors."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        case = "".join(part.capitalize() for part in kind.split("-"))
        self.value = type(f"Error_{case}", (), {"value": reason})()


class _Level(Enum):
    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3


class _Algorithm(Enum):
    HMAC_SHA256 = "sha256"
    HMAC_SHA1 = "sha1"


@dataclass
class _Sent:
    method: str
    url: str
    headers: list[Any]
    body: bytes
    timeout_ms: int | None


@dataclass
class FakeHost:
    """A host of this test's own, until the next one is made. HMACs are real.

    `http` holds what the host answers, in the order of the calls: a `Response`, or a `Refusal` of kind `denied`, `invalid`,
    `timeout`, `connect` or `too-large`. `mail` holds Message-IDs or refusals.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    state: dict[str, bytes] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    http: Iterable[Response | Refusal] = ()
    mail: Iterable[str | Refusal] = ()
    #: What the plugin did: lines as (level, message), requests, mails, times to live by key.
    logged: list[tuple[str, str]] = field(default_factory=list)
    sent: list[_Sent] = field(default_factory=list)
    mails: list[Any] = field(default_factory=list)
    ttl: dict[str, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._http, self._mail = deque(self.http), deque(self.mail)
        connect(
            SimpleNamespace(
                log=SimpleNamespace(Level=_Level, log=lambda level, text: self.logged.append((level.name.lower(), text))),
                config=SimpleNamespace(get=lambda: json.dumps(self.settings)),
                state=SimpleNamespace(get=self.state.get, set=self._set, delete=lambda key: self.state.pop(key, None)),
                http=SimpleNamespace(Request=_Sent, Header=_header, send=self._send),
                mail=SimpleNamespace(Message=_message, send=self._send_mail),
                secret=SimpleNamespace(Algorithm=_Algorithm, sign=self._sign, verify=self._verify),
            )
        )

    def _set(self, key: str, value: bytes, ttl: int | None) -> None:
        self.state[key], self.ttl[key] = value, ttl

    def _send(self, request: _Sent) -> Any:
        self.sent.append(request)
        answer = _next(self._http, request.url)
        return SimpleNamespace(
            status=answer.status, headers=[_header(name, value) for name, value in answer.headers], body=answer.body
        )

    def _send_mail(self, message: Any) -> str:
        self.mails.append(message)
        identity: str = _next(self._mail, "a mail")
        return identity

    def _sign(self, name: str, algorithm: _Algorithm, data: bytes) -> bytes:
        if name not in self.secrets:
            raise Refusal("denied", f"no secret `{name}`")
        return hmac.digest(self.secrets[name].encode(), data, getattr(hashlib, algorithm.value))

    def _verify(self, name: str, algorithm: _Algorithm, data: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self._sign(name, algorithm, data), signature)


def _header(name: str, value: str) -> Any:
    return SimpleNamespace(name=name, value=value)


def _message(subject: str, text: str, html: str | None, thread: str | None) -> Any:
    return SimpleNamespace(subject=subject, text=text, html=html, thread=thread)


def _next(answers: deque[Any], what: str) -> Any:
    if not answers:
        raise AssertionError(f"the test has no answer left for {what}")
    answer = answers.popleft()
    if isinstance(answer, Refusal):
        raise answer
    return answer


def judge(plugin: Filter, events: Iterable[Event]) -> list[dict[str, Any]]:
    """One verdict per event, as the engine reads it."""
    verdicts: list[dict[str, Any]] = json.loads(plugin.run(_wire(events)))
    return verdicts


def route(plugin: Router, events: Iterable[Event]) -> list[dict[str, Any] | None]:
    """One decision per event, or `None`."""
    decisions: list[dict[str, Any] | None] = json.loads(plugin.run(_wire(events)))
    return decisions


def _wire(events: Iterable[Event]) -> str:
    """Names as in the JSON worlds; what the host sets has a usual value."""
    wires = []
    for at, event in enumerate(events, 1):
        wire = asdict(event)
        wire["links"] = [link._asdict() for link in event.links]
        wire["images"] = [image._asdict() for image in event.images]
        wire["attributes"] = [{"name": name, "value": value} for name, value in event.attributes]
        wire["id"] = event.id or at
        wire["integration"] = event.integration or "test"
        wire["service"] = event.service or "shop"
        wire["dedup_key"] = event.dedup_key or event.title
        wire["received_at"] = event.received_at or AT
        wires.append(wire)
    return json.dumps(wires)
