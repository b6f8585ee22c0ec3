"""Parsers: which events are in this payload? The sender waits for the answer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ._event import Event, event_to_wire
from ._fault import brief
from ._moment import begin


class Header(NamedTuple):
    """Its name in lower case, and its value."""

    name: str
    value: str


@dataclass
class Reply:
    """What the sender gets to hear. A body of a dict or a list becomes JSON."""

    status: int
    body: Any = b""
    content_type: str | None = None

    def to_wire(self, parsing: Any) -> Any:
        """The contract's record."""
        if isinstance(self.body, (bytes, str)):
            usual = "text/plain; charset=utf-8" if self.body else ""
            body = self.body.encode() if isinstance(self.body, str) else self.body
        else:
            usual, body = "application/json", json.dumps(self.body).encode()
        return parsing.Reply(self.status, usual if self.content_type is None else self.content_type, body)


class ParseError(Exception):
    """The payload is wrong: the sender is told, and the payload is listed as rejected."""

    def __init__(self, message: str, reply: Reply | None = None) -> None:
        super().__init__(message)
        self.message, self.reply = message, reply


@dataclass
class Parsed:
    """What was in a payload."""

    #: In order; may be empty (a ping).
    events: list[Event] = field(default_factory=list)
    reply: Reply | None = None
    #: Parts of the payload that were refused while the rest was accepted, one line each.
    rejected: list[str] = field(default_factory=list)


@dataclass
class Attachment:
    """A file that came with a mail."""

    #: As the sender named it; may be empty.
    name: str
    #: The media type without parameters, lower case.
    content_type: str
    body: bytes

    def text(self) -> str:
        """As text; bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode(errors="replace")


@dataclass
class Payload:
    """What a sender sent."""

    body: bytes = b""
    #: A fresh unique id of this payload.
    id: str = ""
    integration: str = ""
    #: Upper case; `MAIL` for a mail, whose headers are then the `headers` and whose text is the `body`.
    method: str = "POST"
    #: What follows the integration's key. Starts with `/`.
    path: str = "/"
    query: str = ""
    headers: list[Header] = field(default_factory=list)
    #: The media type without parameters, lower case; empty when absent.
    content_type: str = ""
    received_at: int = 0
    attachments: list[Attachment] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """The first header with this name, whatever its case."""
        return next((header.value for header in self.headers if header.name.lower() == name.lower()), None)

    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON."""
        if not self.body:
            raise ParseError("body: expected JSON, it is empty")
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ParseError(f"body: expected JSON: {error}") from None

    def query_pairs(self) -> list[tuple[str, str]]:
        """The query, decoded, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    def form_pairs(self) -> list[tuple[str, str]]:
        """The body as a form, decoded, in order."""
        return parse_qsl(self.text(), keep_blank_values=True)


class Parser:
    """Subclass it and write `parse`."""

    kind = "parser"

    def parse(self, payload: Payload) -> Parsed | Iterable[Event]:
        """What is in a payload; raise `ParseError` when it is wrong."""
        raise NotImplementedError

    def run(self, wire: Any, bindings: Any) -> Any:
        """The export. `bindings` has the modules `types` and `parsing` and the exception `Err`."""
        begin(wire.received_at, wire.integration, wire.id)
        parsing = bindings.parsing
        try:
            said = self.parse(_payload(wire))
        except ParseError as error:
            reply = error.reply.to_wire(parsing) if error.reply else None
            raise bindings.Err(parsing.ParseError(error.message, reply)) from None
        if not isinstance(said, Parsed):
            if said is None or isinstance(said, (str, dict)):
                raise TypeError(f"parse: expected Parsed or events, got {brief(said)}")
            said = Parsed(list(said))
        events = [event_to_wire(event, bindings.types, f"event {at}") for at, event in enumerate(said.events, 1)]
        reply = said.reply.to_wire(parsing) if said.reply else None
        return parsing.Parsed(events, reply, [str(line) for line in said.rejected])


def _payload(wire: Any) -> Payload:
    return Payload(
        body=wire.body,
        id=wire.id,
        integration=wire.integration,
        method=wire.method,
        path=wire.path,
        query=wire.query,
        headers=[Header(header.name, header.value) for header in wire.headers],
        content_type=wire.content_type,
        received_at=wire.received_at,
        attachments=[Attachment(file.name, file.content_type, file.body) for file in wire.attachments],
    )
