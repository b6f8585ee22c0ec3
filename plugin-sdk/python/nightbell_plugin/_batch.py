"""A batch of events as JSON, one call of the plugin per event, and its answers as JSON.

Each event brings its own time and its own random numbers: what came before it in the batch changes neither.
"""

import json
from collections.abc import Callable
from typing import Any

from ._event import Event, event_of_json
from ._moment import begin


def each_of(text: str, ask: Callable[[Event], Any], answer: Callable[[Any, str], Any]) -> str:
    """Asks about each event; `answer` makes the wire's form of what the plugin said."""
    answers = []
    for at, wire in enumerate(json.loads(text), 1):
        begin(wire["received_at"], wire["integration"], wire["dedup_key"], wire["id"])
        event = event_of_json(wire)
        answers.append(answer(ask(event), f"event {at} (`{event.title[:40]}`)"))
    return json.dumps(answers, ensure_ascii=False, separators=(",", ":"))
