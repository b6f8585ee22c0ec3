"""Which moment is it, and which random numbers come next? Both belong to the event in hand, never to the machine."""

import random as _random

_instant_ms = 0
_identity = ""
_stale = True


def begin(at_ms: int, *identity: object) -> None:
    """Begins an event: its time in milliseconds, and what its random numbers are made from."""
    global _instant_ms, _identity, _stale
    _instant_ms = at_ms
    _identity = "\0".join("" if part is None else str(part) for part in identity)
    _stale = True


def now_ms() -> int:
    """The event's time, milliseconds since the Unix epoch."""
    return _instant_ms


_Random = _random.Random


class EventRandom(_Random):
    """Seeds itself anew when an event begins, and only if somebody asks for a number: seeding costs more than most
    plugins."""

    def __new__(cls) -> "EventRandom":
        # With an argument, so that the system is not asked for a seed.
        return super().__new__(cls, 0)  # type: ignore[call-arg]  # the C type takes the seed here

    def __init__(self) -> None:
        super().__init__(0)

    def _settle(self) -> None:
        global _stale
        if _stale:
            _stale = False
            super().seed(_identity)

    def seed(self, a: object = None, version: int = 2) -> None:
        global _stale
        _stale = a is None
        if a is not None:
            super().seed(a, version)  # type: ignore[arg-type]

    def random(self) -> float:
        self._settle()
        return super().random()

    def getrandbits(self, k: int) -> int:
        self._settle()
        return super().getrandbits(k)

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        # It keeps every second number for the next call, which may be another event's.
        self._settle()
        return super().gauss(mu, sigma)


generator = EventRandom()
