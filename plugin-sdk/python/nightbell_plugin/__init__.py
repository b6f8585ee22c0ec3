"""Write Nightbell plugins in Python.

Four kinds: subclass `Parser`, `Filter`, `Router` or `Channel` in `src/plugin.py` and build with
`python -m nightbell_plugin.build`. Calls to the host are plain functions: `settings()`, `log.info()`, `state.get()`,
`http.post()`, `mail.send()`, `secret.verify()`. Time (`time`, `datetime`) and randomness (`random`) follow the event.
"""

from ._channel import (
    Accepted,
    Alert,
    Answer,
    AnswerLinks,
    Channel,
    Delivered,
    Failure,
    Incident,
    Notification,
    Receipt,
    Request,
)
from ._event import Event, Image, Label, Link
from ._fault import DeniedError, HostError
from ._filter import Filter, Verdict, drop, keep, modify, suppress
from ._host import Response, http, log, mail, secret, settings, state
from ._parser import Attachment, Header, ParseError, Parsed, Parser, Payload, Reply
from ._router import Decision, Router

__all__ = [
    "Accepted",
    "Alert",
    "Answer",
    "AnswerLinks",
    "Attachment",
    "Channel",
    "Decision",
    "Delivered",
    "DeniedError",
    "Event",
    "Failure",
    "Filter",
    "Header",
    "HostError",
    "Image",
    "Incident",
    "Label",
    "Link",
    "Notification",
    "ParseError",
    "Parsed",
    "Parser",
    "Payload",
    "Receipt",
    "Reply",
    "Request",
    "Response",
    "Router",
    "Verdict",
    "drop",
    "http",
    "keep",
    "log",
    "mail",
    "modify",
    "secret",
    "settings",
    "state",
    "suppress",
]
