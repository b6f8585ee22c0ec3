"""Filters: does this event matter? One verdict per event; saying nothing keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._batch import each_of
from ._event import SEVERITIES, Event, Labels, Link, Severity, instant, needed, pairs, text, word
from ._fault import brief

_UNCHANGED: Any = object()


@dataclass(frozen=True)
class Verdict:
    """Made by `keep`, `drop`, `suppress` or `modify`."""

    wire: dict[str, Any]


class Filter:
    """Subclass it and write `judge`. One instance judges many events; what must survive a batch goes to `state`."""

    kind = "filter"

    def judge(self, event: Event) -> Verdict | None:
        """The verdict on one event; `None` keeps it."""
        raise NotImplementedError

    def run(self, events: str) -> str:
        """The export: JSON in, JSON out."""
        return each_of(events, self.judge, _verdict)


def keep() -> Verdict:
    """The event goes on as it is."""
    return _KEEP


def drop(reason: str) -> Verdict:
    """The event is recorded with this reason, and nothing else happens."""
    return Verdict({"verdict": "drop", "reason": needed(reason, "drop: reason")})


def suppress(reason: str, until: int | datetime | None = None) -> Verdict:
    """The alert fires, and nobody is paged until then (or until it is kept)."""
    wire = {"verdict": "suppress", "reason": needed(reason, "suppress: reason"), "until": instant(until, "suppress: until")}
    return Verdict(wire)


def modify(
    *,
    title: str | None = None,
    severity: Severity | None = None,
    source: str | None = None,
    details: Any = _UNCHANGED,
    expires_at: int | datetime | None = None,
    set_labels: Labels = (),
    remove_labels: Iterable[str] = (),
    set_attributes: Labels = (),
    remove_attributes: Iterable[str] = (),
    add_links: Iterable[Link | tuple[str, str]] = (),
) -> Verdict:
    """The event goes on with these changes. Its kind, integration and dedup key stay what they are. `details=None`
    removes them."""
    wire: dict[str, Any] = {
        "verdict": "modify",
        "title": text(title, "modify: title"),
        "severity": None if severity is None else word(severity, SEVERITIES, "modify: severity"),
        "source": text(source, "modify: source"),
        "expires_at": instant(expires_at, "modify: expires_at"),
        "set_labels": dict(pairs(set_labels, "modify: set_labels")),
        "remove_labels": list(remove_labels),
        "set_attributes": dict(pairs(set_attributes, "modify: set_attributes")),
        "remove_attributes": list(remove_attributes),
        "add_links": [Link(*link)._asdict() for link in add_links],
    }
    if details is not _UNCHANGED:
        wire["details"] = details
    return Verdict(wire)


_KEEP = Verdict({"verdict": "keep"})


def _verdict(said: Verdict | None, what: str) -> dict[str, Any]:
    if said is None:
        return _KEEP.wire
    if isinstance(said, Verdict):
        return said.wire
    raise TypeError(f"{what}: expected keep(), drop(), suppress() or modify(), got {brief(said)}")
