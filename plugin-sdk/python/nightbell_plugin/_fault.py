"""What goes wrong: refusals of the host as exceptions a plugin can catch, and mistakes of the plugin as one line that says
where."""

import os
import re
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_OWN = os.path.dirname(__file__)
_FRAMES = 4


class HostError(Exception):
    """The host refused a call. `kind` is the contract's word for it."""

    def __init__(self, what: str, kind: str, reason: str) -> None:
        super().__init__(f"{what}: {kind}: {reason}")
        self.what, self.kind, self.reason = what, kind, reason


class DeniedError(HostError):
    """Not asked for in the manifest, or not granted by the operator."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, "denied", reason)


def asked(what: str, call: Callable[[], T]) -> T:
    """Calls the host and turns the contract's error into an exception."""
    try:
        return call()
    except Exception as thrown:
        refusal: Any = getattr(thrown, "value", None)
        case = type(refusal).__name__.rpartition("_")[2]
        if refusal is None or not hasattr(refusal, "value"):
            raise
        kind = re.sub(r"(?<!^)(?=[A-Z])", "-", case).lower()
        reason = str(refusal.value)
        raise DeniedError(what, reason) if kind == "denied" else HostError(what, kind, reason) from None


def described(thrown: BaseException) -> str:
    """An exception in one line: what, where, and by which way it came there."""
    # Not `extract_tb`: it looks for the lines' text in files, and a component has none.
    walked = ((frame.f_code, line) for frame, line in traceback.walk_tb(thrown.__traceback__))
    own = [(code, line) for code, line in walked if not _is_own(code.co_filename)][-_FRAMES:]
    way = " < ".join(f"{_shown(code.co_filename)}:{line} in {code.co_name}" for code, line in reversed(own))
    text = f"{type(thrown).__name__}: {thrown}"
    return f"{text} at {way}" if way else text


def brief(value: object) -> str:
    """A value as it may stand in a message."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _is_own(file: str) -> bool:
    return os.path.dirname(file) == _OWN or os.path.basename(file) == "nightbell_entry.py"


def _shown(file: str) -> str:
    """The file as its author knows it: in a component the project's `src` is mounted under a number."""
    return re.sub(r"^/\d+/", "src/", file)
