"""Imported before the plugin's own code while a component is built: what the language offers and a plugin must not have is
replaced, so that the same event leads to the same verdict on every machine and in every replay.

`time`, `datetime` and `random` follow the event; `os.urandom`, and with it `uuid` and `secrets`, draws from the event's
random numbers, so nothing of it is secret; `print` goes to the operator's log. During the build and at a module's top
level time stands at 0.
"""

import datetime as _datetime
import io
import os
import random
import sys
import time

from ._host import log
from ._moment import _Random, generator, now_ms


def install() -> None:
    """Replaces them, once."""
    _time()
    _dates()
    _randomness()
    sys.stdout = _Lines("info")
    sys.stderr = _Lines("warn")


def _seconds() -> float:
    return now_ms() / 1000


def _nanoseconds() -> int:
    return now_ms() * 1_000_000


def _time() -> None:
    time.time = _seconds
    time.time_ns = _nanoseconds
    for clock in ("monotonic", "perf_counter", "process_time", "thread_time"):
        setattr(time, clock, _seconds)
        setattr(time, f"{clock}_ns", _nanoseconds)
    # All of them take the present moment for what is left out. There is one time zone, UTC.
    gmtime, asctime, strftime = time.gmtime, time.asctime, time.strftime
    time.gmtime = lambda seconds=None: gmtime(_seconds() if seconds is None else seconds)
    time.localtime = time.gmtime
    time.asctime = lambda moment=None: asctime(time.gmtime() if moment is None else moment)
    time.ctime = lambda seconds=None: asctime(time.gmtime(seconds))
    time.strftime = lambda form, moment=None: strftime(form, time.gmtime() if moment is None else moment)

    def sleep(seconds: float) -> None:
        raise RuntimeError("a plugin cannot sleep: it has no clock of its own")

    time.sleep = sleep  # type: ignore[assignment]


def _dates() -> None:
    real_date, real_datetime, utc = _datetime.date, _datetime.datetime, _datetime.timezone.utc

    class DateType(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real_datetime if issubclass(cls, real_datetime) else real_date)

        def __subclasscheck__(cls, other: type) -> bool:
            return real_datetime in other.__mro__ if cls is datetime else real_date in other.__mro__

    # A checker knows the names as types alone; here they are values that change.
    class date(real_date, metaclass=DateType):  # type: ignore[valid-type, misc]
        @classmethod
        def today(cls) -> "date":
            today: date = cls.fromordinal(real_datetime.fromtimestamp(_seconds(), utc).toordinal())
            return today

    class datetime(real_datetime, metaclass=DateType):  # type: ignore[valid-type, misc]
        @classmethod
        def now(cls, tz: _datetime.tzinfo | None = None) -> "datetime":
            moment: datetime = cls.fromtimestamp(_seconds(), utc if tz is None else tz)
            return moment.replace(tzinfo=None) if tz is None else moment

        @classmethod
        def utcnow(cls) -> "datetime":
            return cls.now()

        @classmethod
        def today(cls) -> "datetime":
            return cls.now()

    for replacement in (date, datetime):
        replacement.__module__, replacement.__qualname__ = "datetime", replacement.__name__
    _datetime.date, _datetime.datetime = date, datetime  # type: ignore[misc]


def _randomness() -> None:
    class Random(_Random):
        """Without a seed it takes one from the event, not from the system."""

        def __new__(cls, x: object = None) -> "Random":
            return super().__new__(cls, 0)  # type: ignore[call-arg]

        def __init__(self, x: object = None) -> None:
            super().__init__(generator.getrandbits(128) if x is None else x)  # type: ignore[arg-type]

    for name in random.__all__:
        if name[0].islower() and hasattr(generator, name):
            setattr(random, name, getattr(generator, name))
    random._inst = generator
    random.Random = Random  # type: ignore[misc]
    os.urandom = generator.randbytes
    random._urandom = generator.randbytes  # type: ignore[attr-defined]


class _Lines(io.TextIOBase):
    """Whole lines to the operator's log."""

    def __init__(self, level: str) -> None:
        self._write = getattr(log, level)
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._write(line)
        return len(text)


install()
