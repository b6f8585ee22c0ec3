"""Events: as a filter or router reads them, and as a parser writes them with all that may be left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from json import dumps, loads
from typing import Any, Literal, NamedTuple

from ._fault import brief

Kind = Literal["trigger", "acknowledge", "resolve", "change"]
Severity = Literal["critical", "error", "warning", "info", "unknown"]
Urgency = Literal["high", "low"]

KINDS = ("trigger", "acknowledge", "resolve", "change")
SEVERITIES = ("critical", "error", "warning", "info", "unknown")
URGENCIES = ("high", "low")

Labels = Mapping[str, str] | Iterable[tuple[str, str]]


class Label(NamedTuple):
    """A name and a value."""

    name: str
    value: str


class Link(NamedTuple):
    """A web address and what to call it."""

    href: str
    text: str = ""


class Image(NamedTuple):
    """An image; `href` is where a click leads."""

    src: str
    href: str = ""
    alt: str = ""


@dataclass(slots=True)
class Event:
    """One received signal. Instants are milliseconds since the Unix epoch, UTC."""

    title: str
    kind: Kind = "trigger"
    #: Identity of the condition inside its integration. Without one the host derives it.
    dedup_key: str | None = None
    #: The source's claim.
    severity: Severity = "unknown"
    #: When the condition began, by the source's clock.
    starts_at: int | datetime | None = None
    #: When the condition ends by itself unless it is sent again.
    expires_at: int | datetime | None = None
    #: What is affected: a host, a cluster, a URL.
    source: str = ""
    links: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    #: To match on.
    labels: dict[str, str] = field(default_factory=dict)
    #: The rest of the payload, anything that JSON can say.
    details: Any = None
    #: To show, in order.
    attributes: list[Label] = field(default_factory=list)
    #: The event's number in the journal. Set by the host, as all that follow.
    id: int = 0
    integration: str = ""
    #: The integration's own service.
    service: str = ""
    #: When the engine took it in: a plugin's only clock.
    received_at: int = 0


def event_of_json(wire: Mapping[str, Any]) -> Event:
    """An event of the JSON worlds."""
    return Event(
        wire["title"],
        wire["kind"],
        wire["dedup_key"],
        wire["severity"],
        wire["starts_at"],
        wire["expires_at"],
        wire["source"],
        [Link(link["href"], link["text"]) for link in wire["links"]],
        [Image(image["src"], image["href"], image["alt"]) for image in wire["images"]],
        wire["labels"],
        wire["details"],
        [Label(label["name"], label["value"]) for label in wire["attributes"]],
        wire["id"],
        wire["integration"],
        wire["service"],
        wire["received_at"],
    )


def event_of_wire(wire: Any) -> Event:
    """The contract's record as a channel reads it."""
    return Event(
        title=wire.title,
        kind=word_of(wire.kind),
        dedup_key=wire.dedup_key,
        severity=word_of(wire.severity),
        starts_at=wire.starts_at,
        expires_at=wire.expires_at,
        source=wire.source,
        links=[Link(link.href, link.text) for link in wire.links],
        images=[Image(image.src, image.href, image.alt) for image in wire.images],
        labels={label.name: label.value for label in wire.labels},
        details=loads(wire.details) if wire.details else None,
        attributes=[Label(label.name, label.value) for label in wire.attributes],
    )


def event_to_wire(event: Event, types: Any, what: str) -> Any:
    """The contract's record. `types` is the bindings' module of that name."""
    if not isinstance(event, Event):
        raise TypeError(f"{what}: expected an Event, got {brief(event)}")
    return types.Event(
        kind=types.EventKind[word(event.kind, KINDS, f"{what}: kind").upper()],
        dedup_key=text(event.dedup_key, f"{what}: dedup_key"),
        title=needed(event.title, f"{what}: title"),
        severity=types.Severity[word(event.severity, SEVERITIES, f"{what}: severity").upper()],
        starts_at=instant(event.starts_at, f"{what}: starts_at"),
        expires_at=instant(event.expires_at, f"{what}: expires_at"),
        source=needed(event.source, f"{what}: source"),
        links=[types.Link(*Link(*link)) for link in event.links],
        images=[types.Image(*Image(*image)) for image in event.images],
        labels=[types.Label(*pair) for pair in pairs(event.labels, f"{what}: labels")],
        details="" if event.details is None else dumps(event.details, ensure_ascii=False),
        attributes=[types.Label(*pair) for pair in pairs(event.attributes, f"{what}: attributes")],
    )


def word_of(case: Any) -> Any:
    """An enum's case as the contract's word."""
    return case.name.lower().replace("_", "-")


def word(value: object, words: tuple[str, ...], what: str) -> str:
    """One of a few words."""
    if value not in words:
        raise ValueError(f"{what}: expected {', '.join(words)}, got {brief(value)}")
    return str(value)


def text(value: object, what: str) -> str | None:
    """Text, or nothing."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{what}: expected text, got {brief(value)}")
    return value


def needed(value: object, what: str) -> str:
    """Text."""
    if not isinstance(value, str):
        raise TypeError(f"{what}: expected text, got {brief(value)}")
    return value


def instant(value: int | float | datetime | None, what: str) -> int | None:
    """Milliseconds since the Unix epoch, or nothing."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{what}: expected a datetime with a time zone, got {value.isoformat()}")
        return round(value.timestamp() * 1000)
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return None if value is None else int(value)
    raise TypeError(f"{what}: expected milliseconds since the Unix epoch or a datetime, got {brief(value)}")


def pairs(labels: Labels | None, what: str) -> list[tuple[str, str]]:
    """Names and values."""
    listed = list((labels.items() if isinstance(labels, Mapping) else labels) or ())
    for name, value in listed:
        if not isinstance(name, str) or not isinstance(value, (str, int, float)):
            raise TypeError(f"{what}: expected names and text, got {brief({name: value})}")
    return [(name, str(value)) for name, value in listed]
