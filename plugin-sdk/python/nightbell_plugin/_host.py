"""What the host offers: settings, log, state, http, mail and secret, in Python's shapes.

The host itself comes in by `connect`: the contract's interfaces in a guest, a fake in tests. What a kind's world does not
have is refused here with the same error as what is not granted.
"""

import base64
import binascii
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import urlencode

from ._fault import DeniedError, asked

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
Algorithm = Literal["hmac-sha256", "hmac-sha1"]
Encoding = Literal["hex", "base64"]

_host: Any = SimpleNamespace()
_settings: dict[str, Any] | None = None


def connect(interfaces: Any) -> None:
    """Makes these the host's interfaces: an object with `log`, `config`, `state`, …"""
    global _host
    _host = interfaces
    fresh()


def fresh() -> None:
    """Forgets what was read during the call before."""
    global _settings
    _settings = None


def settings() -> dict[str, Any]:
    """The operator's settings."""
    global _settings
    if _settings is None:
        config = getattr(_host, "config", None)
        _settings = json.loads((config.get() if config else "") or "{}")
    return _settings


class _Log:
    """Lines for the operator's log, attributed to the plugin. The rate is limited."""

    def debug(self, message: object) -> None:
        """For whoever develops the plugin."""
        self._write("DEBUG", message)

    def info(self, message: object) -> None:
        """What an operator may want to know."""
        self._write("INFO", message)

    def warn(self, message: object) -> None:
        """Something was wrong and the plugin coped."""
        self._write("WARN", message)

    def error(self, message: object) -> None:
        """A human must look."""
        self._write("ERROR", message)

    def _write(self, level: str, message: object) -> None:
        # While a plugin is built there is nobody to read it.
        if interface := getattr(_host, "log", None):
            interface.log(interface.Level[level], str(message))


def _part(name: str) -> Any:
    interface = getattr(_host, name, None)
    if interface is None:
        raise DeniedError(name, "this kind of plugin does not have it")
    return interface


def _bytes(content: str | bytes | None) -> bytes:
    return content.encode() if isinstance(content, str) else bytes(content or b"")


class _State:
    """A small durable key-value store of the plugin's own, for filters, routers and channels. Writes join the batch's
    commit; a failed call leaves none."""

    def get_bytes(self, key: str) -> bytes | None:
        """The value, if there is one."""
        interface = _part("state")
        value: bytes | None = asked("state", lambda: interface.get(key))
        return value

    def get(self, key: str) -> str | None:
        """The value as text."""
        value = self.get_bytes(key)
        return None if value is None else value.decode(errors="replace")

    def get_json(self, key: str) -> Any:
        """The value as JSON; what is unreadable is taken as absent."""
        text = self.get(key)
        if text is None:
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            log.warn(f"state `{key}` is unreadable and taken as absent: {error}")
            return None

    def set(self, key: str, value: str | bytes, ttl_s: float | None = None) -> None:
        """Keeps a value, for so many seconds of event time or until it is deleted."""
        interface = _part("state")
        ttl = None if ttl_s is None else max(0, math.ceil(ttl_s))
        asked("state", lambda: interface.set(key, _bytes(value), ttl))

    def set_json(self, key: str, value: Any, ttl_s: float | None = None) -> None:
        """Keeps a value as JSON."""
        self.set(key, json.dumps(value, separators=(",", ":")), ttl_s)

    def delete(self, key: str) -> None:
        """Forgets a key."""
        interface = _part("state")
        asked("state", lambda: interface.delete(key))


@dataclass
class Response:
    """What a server answered."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """True for a status of 200 to 299."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first header with this name, whatever its case."""
        wanted = name.lower()
        return next((value for found, value in self.headers if found.lower() == wanted), None)

    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text())


class _Http:
    """HTTP to granted hosts, for channels. `{{secret:name}}` in URL and headers is replaced by the host after the check;
    the plugin never sees the secret."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        body: str | bytes | None = None,
        json: Any = None,
        form: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        timeout_ms: int | None = None,
    ) -> Response:
        """Sends a request and waits for the answer. One of `body`, `json` and `form`."""
        interface = _part("http")
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        content, kind = _content(body, json, form)
        if kind and not any(name.lower() == "content-type" for name, _ in pairs):
            pairs.append(("content-type", kind))
        wire = interface.Request(
            method.upper(), url, [interface.Header(name, str(value)) for name, value in pairs], content, timeout_ms
        )
        answer = asked("http", lambda: interface.send(wire))
        return Response(answer.status, [(header.name, header.value) for header in answer.headers], answer.body)

    def get(self, url: str, **options: Any) -> Response:
        """Sends a GET."""
        return self.send("GET", url, **options)

    def post(self, url: str, **options: Any) -> Response:
        """Sends a POST."""
        return self.send("POST", url, **options)


def _content(body: str | bytes | None, value: Any, form: Any) -> tuple[bytes, str | None]:
    if sum(given is not None for given in (body, value, form)) > 1:
        raise TypeError("http: expected one of body, json and form")
    if value is not None:
        return json.dumps(value, separators=(",", ":")).encode(), "application/json"
    if form is not None:
        return urlencode(list(form.items()) if isinstance(form, Mapping) else list(form)).encode(), (
            "application/x-www-form-urlencoded"
        )
    return _bytes(body), None


class _Mail:
    """Mail through the operator's SMTP server, for channels: only to the notification's own address."""

    def send(self, subject: str, text: str, *, html: str | None = None, thread: str | None = None) -> str:
        """Sends a mail; answers its Message-ID."""
        interface = _part("mail")
        identity: str = asked("mail", lambda: interface.send(interface.Message(subject, text, html, thread)))
        return identity


class _Secret:
    """HMAC with a secret that a channel can name but never sees."""

    def sign(
        self,
        name: str,
        data: str | bytes,
        *,
        algorithm: Algorithm = "hmac-sha256",
        encoding: Encoding = "hex",
        prefix: str = "",
    ) -> str:
        """The signature as text."""
        interface = _part("secret")
        made = asked("secret", lambda: interface.sign(name, _algorithm(interface, algorithm), _bytes(data)))
        return prefix + (made.hex() if _encoding(encoding) == "hex" else base64.b64encode(made).decode())

    def verify(
        self,
        name: str,
        data: str | bytes,
        signature: str | bytes | None,
        *,
        algorithm: Algorithm = "hmac-sha256",
        encoding: Encoding = "hex",
        prefix: str = "",
    ) -> bool:
        """Whether a signature is right, compared in constant time. What is no signature at all is not right."""
        interface = _part("secret")
        given = _signature(signature, _encoding(encoding), prefix)
        if given is None:
            return False
        algorithm_of_wire = _algorithm(interface, algorithm)
        is_right: bool = asked("secret", lambda: interface.verify(name, algorithm_of_wire, _bytes(data), given))
        return is_right


def _algorithm(interface: Any, name: str) -> Any:
    return interface.Algorithm[name.upper().replace("-", "_")]


def _encoding(name: str) -> str:
    if name not in ("hex", "base64"):
        raise ValueError(f"encoding: expected hex or base64, got `{name}`")
    return name


def _signature(given: str | bytes | None, encoding: str, prefix: str) -> bytes | None:
    if given is None or isinstance(given, bytes):
        return given
    if not given.startswith(prefix):
        return None
    text = given[len(prefix) :]
    try:
        if encoding == "hex":
            return bytes.fromhex(text) if text.isalnum() else None
        usual = text.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None


log = _Log()
state = _State()
http = _Http()
mail = _Mail()
secret = _Secret()
