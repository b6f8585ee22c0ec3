"""Channels: bring one notification to one address, and read the answers that come back."""

import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

from ._event import Event, Urgency, event_of_wire, needed, text, word, word_of
from ._fault import HostError, brief
from ._moment import begin
from ._parser import Header

#: A `notice` is about no incident: `incident.title` is its headline, `update` its text, the rest of the incident empty.
Purpose = Literal["page", "status-update", "test", "notice"]
Action = Literal["acknowledge", "resolve", "escalate", "delivered", "failed", "snooze", "nothing"]

ACTIONS = ("acknowledge", "resolve", "escalate", "delivered", "failed", "snooze", "nothing")


class Failure(Exception):
    """The notification did not get there; `kind` says what follows."""

    def __init__(
        self,
        kind: Literal["transient", "permanent", "bad-address"],
        message: str,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = word(kind, ("transient", "permanent", "bad-address"), "failure: kind")
        self.message, self.retry_after_s = message, retry_after_s

    @staticmethod
    def transient(message: str, retry_after_s: float | None = None) -> "Failure":
        """Trying again may help."""
        return Failure("transient", message, retry_after_s)

    @staticmethod
    def permanent(message: str) -> "Failure":
        """Trying again cannot help."""
        return Failure("permanent", message)

    @staticmethod
    def bad_address(message: str) -> "Failure":
        """The address is wrong or gone."""
        return Failure("bad-address", message)


@dataclass
class Receipt:
    """The message went out."""

    #: The other side's name for the message.
    id: str | None = None
    #: Names the message for later ones: pages and status updates of this incident to this address carry it.
    thread: str | None = None
    #: Parts that failed although the message went out, one line each.
    problems: list[str] = field(default_factory=list)
    state: Literal["accepted", "delivered"] = "accepted"


def Accepted(id: str | None = None, thread: str | None = None, problems: list[str] | None = None) -> Receipt:
    """The other side has taken the message."""
    return Receipt(id, thread, problems or [], "accepted")


def Delivered(id: str | None = None, thread: str | None = None, problems: list[str] | None = None) -> Receipt:
    """The message has reached its reader."""
    return Receipt(id, thread, problems or [], "delivered")


@dataclass
class Answer:
    """What an answer from outside means, and what the caller gets to hear."""

    action: Action
    #: The delivery meant, when the request names it itself.
    delivery: str | None = None
    #: Who answered, as an address of this channel, when the request says so.
    account: str | None = None
    status: int = 200
    content_type: str = ""
    body: str | bytes = b""
    #: For `failed`: why.
    message: str = ""
    #: For `snooze`: how long.
    seconds: int = 0


@dataclass
class Alert:
    """An alert of the incident."""

    dedup_key: str
    integration: str
    title: str
    firing: bool
    severity: str
    starts_at: int


@dataclass
class Incident:
    """What people own."""

    id: str
    number: int
    title: str
    status: Literal["triggered", "acknowledged", "resolved"]
    urgency: Urgency
    priority: str | None
    service: str
    service_name: str
    created_at: int
    #: Firing and resolved alerts, oldest first; bounded by the host.
    alerts: list[Alert]
    #: How many there are in all.
    alert_count: int
    #: Names of those who acknowledged it or resolved it, first to last.
    answered_by: list[str]


@dataclass
class AnswerLinks:
    """Addresses for the person of this delivery alone; each expires."""

    view: str | None
    acknowledge: str | None
    resolve: str | None


@dataclass
class Notification:
    """What a person is to hear."""

    #: Stable over all attempts: the idempotency key.
    id: str
    #: From 1.
    attempt: int
    purpose: Purpose
    created_at: int
    #: When this attempt starts.
    now: int
    address: str
    person: str
    person_name: str
    #: BCP 47.
    language: str
    #: Why this person: `on call for primary`.
    reason: str
    incident: Incident
    #: The event that opened the incident, with its details.
    event: Event
    answers: AnswerLinks
    #: Where answers of the other side may be sent, when the engine has a public address.
    callback_url: str | None
    #: What the channel returned as `thread` before.
    thread: str | None
    #: What has happened, for a status update; all it says, for a notice or a test. Empty for a page.
    update: str


@dataclass
class Request:
    """An answer from outside."""

    method: str
    #: The address the other side called, as it saw it.
    url: str
    headers: list[Header]
    body: bytes
    now: int
    #: The delivery that the address was made for; `None` for the channel's own door.
    delivery: str | None

    def header(self, name: str) -> str | None:
        """The first header with this name, whatever its case."""
        return next((header.value for header in self.headers if header.name.lower() == name.lower()), None)

    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def form_pairs(self) -> list[tuple[str, str]]:
        """The body as a form, decoded, in order."""
        return parse_qsl(self.text(), keep_blank_values=True)


class Channel:
    """Subclass it and write `deliver`; the other two may be left out."""

    kind = "channel"

    def deliver(self, notification: Notification) -> Receipt | None:
        """Brings one notification to one address; raise `Failure` when it does not get there. A refusal of the host that
        is not caught is a failure too."""
        raise NotImplementedError

    def callback(self, request: Request) -> Answer:
        """Reads an answer that comes back, once it is sure who sent it."""
        raise Failure.permanent("this channel takes no answers")

    def validate(self, address: str) -> str:
        """Whether something can be an address of this channel: answers its usual form, or raises `Failure` with what is
        wrong with it in words for the person who enters it. `http` and `mail` are denied here."""
        return address

    def run_deliver(self, wire: Any, bindings: Any) -> Any:
        """The export `deliver`."""
        begin(wire.now, wire.id, wire.attempt)
        said = _refusing(lambda: self.deliver(_notification(wire)), bindings)
        receipt = Receipt() if said is None else said
        if not isinstance(receipt, Receipt):
            raise TypeError(f"deliver: expected Accepted() or Delivered(), got {brief(said)}")
        delivery = bindings.delivery
        return delivery.Receipt(
            delivery.ReceiptState[word(receipt.state, ("accepted", "delivered"), "receipt: state").upper()],
            text(receipt.id, "receipt: id"),
            text(receipt.thread, "receipt: thread"),
            [str(line) for line in receipt.problems],
        )

    def run_callback(self, wire: Any, bindings: Any) -> Any:
        """The export `callback`."""
        begin(wire.now, wire.url, wire.delivery)
        headers = [Header(header.name, header.value) for header in wire.headers]
        request = Request(wire.method, wire.url, headers, wire.body, wire.now, wire.delivery)
        answer = _refusing(lambda: self.callback(request), bindings)
        if not isinstance(answer, Answer):
            raise TypeError(f"callback: expected an Answer, got {brief(answer)}")
        return bindings.delivery.Answer(
            _action(answer, bindings.delivery),
            text(answer.delivery, "answer: delivery"),
            text(answer.account, "answer: account"),
            answer.status,
            answer.content_type,
            answer.body.encode() if isinstance(answer.body, str) else answer.body,
        )

    def run_validate(self, address: str, bindings: Any) -> str:
        """The export `validate`."""
        begin(0, address)
        try:
            return needed(self.validate(address), "validate")
        except Failure as failure:
            raise bindings.Err(failure.message) from None


def _action(answer: Answer, delivery: Any) -> Any:
    case = getattr(delivery, f"AnswerAction_{word(answer.action, ACTIONS, 'answer: action').capitalize()}")
    if answer.action == "failed":
        return case(answer.message)
    if answer.action == "snooze":
        return case(int(answer.seconds))
    return case()


def _refusing(run: Any, bindings: Any) -> Any:
    """Failures as the contract's; a refusal of the host that nobody caught is one too."""
    try:
        return run()
    except (Failure, HostError) as thrown:
        failure = thrown if isinstance(thrown, Failure) else _failure_of(thrown)
        kind = bindings.delivery.FailureKind[failure.kind.upper().replace("-", "_")]
        retry = None if failure.retry_after_s is None else max(0, math.ceil(failure.retry_after_s))
        raise bindings.Err(bindings.delivery.Failure(kind, failure.message, retry)) from None


def _failure_of(refusal: HostError) -> Failure:
    may_pass = refusal.kind in ("timeout", "connect", "transient")
    return Failure("transient" if may_pass else "permanent", str(refusal))


def _notification(wire: Any) -> Notification:
    incident = wire.incident
    return Notification(
        id=wire.id,
        attempt=wire.attempt,
        purpose=word_of(wire.purpose),
        created_at=wire.created_at,
        now=wire.now,
        address=wire.address,
        person=wire.person,
        person_name=wire.person_name,
        language=wire.language,
        reason=wire.reason,
        incident=Incident(
            id=incident.id,
            number=incident.number,
            title=incident.title,
            status=incident.status,
            urgency=word_of(incident.urgency),
            priority=incident.priority,
            service=incident.service,
            service_name=incident.service_name,
            created_at=incident.created_at,
            alerts=[
                Alert(alert.dedup_key, alert.integration, alert.title, alert.firing, alert.severity, alert.starts_at)
                for alert in incident.alerts
            ],
            alert_count=incident.alert_count,
            answered_by=list(incident.answered_by),
        ),
        event=event_of_wire(wire.event),
        answers=AnswerLinks(wire.answers.view, wire.answers.acknowledge, wire.answers.resolve),
        callback_url=wire.callback_url,
        thread=wire.thread,
        update=wire.update,
    )
