"""Routers: whose is this event, and how loud? One decision per event; saying nothing leaves it to the next router."""

from dataclasses import asdict, dataclass
from typing import Any

from ._batch import each_of
from ._event import URGENCIES, Event, Urgency, text, word
from ._fault import brief


@dataclass
class Decision:
    """Each field is an opinion of its own; `None` leaves it to the next router or the default."""

    service: str | None = None
    escalation_policy: str | None = None
    urgency: Urgency | None = None
    #: `P1` to `P5`.
    priority: str | None = None
    #: Alerts of one service with the same group key share an incident.
    group_key: str | None = None


class Router:
    """Subclass it and write `route`."""

    kind = "router"

    def route(self, event: Event) -> Decision | None:
        """The decision on one event; `None` has no opinion."""
        raise NotImplementedError

    def run(self, events: str) -> str:
        """The export: JSON in, JSON out."""
        return each_of(events, self.route, _decision)


def _decision(said: Decision | None, what: str) -> dict[str, Any] | None:
    if said is None:
        return None
    if not isinstance(said, Decision):
        raise TypeError(f"{what}: expected a Decision or None, got {brief(said)}")
    wire = asdict(said)
    for name, value in wire.items():
        text(value, f"{what}: {name}")
    if said.urgency is not None:
        word(said.urgency, URGENCIES, f"{what}: urgency")
    return wire
