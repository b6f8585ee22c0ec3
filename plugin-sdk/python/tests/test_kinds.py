"""Each kind's answers, and each mistake an author can make."""

import importlib.util
import json
import sys
import types as python_types
import unittest
from pathlib import Path
from types import SimpleNamespace

from nightbell_plugin import (
    Answer,
    Channel,
    Decision,
    DeniedError,
    Event,
    Filter,
    ParseError,
    Parsed,
    Parser,
    Reply,
    Response,
    Router,
    drop,
    modify,
    secret,
    state,
    suppress,
)
from nightbell_plugin._guest import exports_of, plugin_of
from nightbell_plugin.testing import FakeHost, Refusal, judge, route

from bindings import Err, bindings, notification, payload, request

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def template(kind: str) -> object:
    spec = importlib.util.spec_from_file_location(f"template_{kind}", TEMPLATES / kind / "plugin.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return plugin_of(module, kind)


def saying(said: object) -> Filter:
    class Saying(Filter):
        def judge(self, event: Event) -> object:
            return said() if callable(said) else said

    return Saying()


class Filters(unittest.TestCase):
    def test_verdicts_are_those_of_the_json_world(self) -> None:
        FakeHost(settings={"muted_teams": ["lab"]})
        events = [Event("a", labels={"team": "lab"}), Event("b", labels={"team": "x"}), Event("c")]
        first, second, third = judge(template("filter"), events)
        self.assertEqual(first, {"verdict": "drop", "reason": "lab is muted"})
        self.assertEqual(second, {"verdict": "keep"})
        self.assertEqual((third["verdict"], third["set_labels"], "details" in third), ("modify", {"team": "ops"}, False))
        self.assertEqual(judge(saying(suppress("night", 5)), [Event("a")])[0]["until"], 5)
        self.assertIsNone(judge(saying(modify(details=None)), [Event("a")])[0]["details"])

    def test_mistakes_are_named(self) -> None:
        FakeHost()
        for said, message in [
            ({"verdict": "drop"}, r"event 1 \(`a`\): expected keep\(\), drop\(\), suppress\(\) or modify\(\)"),
            (lambda: drop(None), "drop: reason: expected text"),
            (lambda: modify(severity="bad"), "modify: severity: expected critical"),
            (lambda: modify(set_labels={"a": None}), "modify: set_labels: expected names and text"),
        ]:
            with self.assertRaisesRegex((TypeError, ValueError), message):
                judge(saying(said), [Event("a")])


class Routers(unittest.TestCase):
    def test_decisions_are_those_of_the_json_world(self) -> None:
        FakeHost()
        events = [Event("a", labels={"environment": name}) for name in ("production", "test")]
        decisions = route(template("router"), [*events, Event("b")])
        self.assertEqual([decision and decision["urgency"] for decision in decisions], ["high", "low", None])

        class Loud(Router):
            def route(self, event: Event) -> Decision:
                return Decision(urgency="loud")

        with self.assertRaisesRegex(ValueError, "urgency: expected high, low"):
            route(Loud(), [Event("a")])


class Parsers(unittest.TestCase):
    def parse(self, body: bytes) -> object:
        return template("parser").run(payload(body), bindings)

    def test_events_are_filled_up(self) -> None:
        event = self.parse(b'{"host":"db","up":true}').events[0]
        self.assertEqual((event.kind.name, event.dedup_key, event.labels, event.details), ("RESOLVE", "db", [], ""))

    def test_errors_are_the_sender_s(self) -> None:
        for body, message in [(b"", "body: expected JSON, it is empty"), (b"[]", "host: expected text")]:
            with self.assertRaises(Err) as raised:
                self.parse(body)
            self.assertEqual((raised.exception.value.message, raised.exception.value.reply), (message, None))

        class Refusing(Parser):
            def parse(self, payload: object) -> Parsed:
                raise ParseError("no", Reply(422, {"error": "no"}))

        with self.assertRaises(Err) as raised:
            Refusing().run(payload(), bindings)
        reply = raised.exception.value.reply
        self.assertEqual((reply.status, reply.content_type, reply.body), (422, "application/json", b'{"error": "no"}'))

    def test_headers_queries_forms_and_attachments_are_at_hand(self) -> None:
        class All(Parser):
            def parse(self, payload: object) -> list[Event]:
                labels = dict(payload.query_pairs() + payload.form_pairs())
                files = [[file.name, file.text()] for file in payload.attachments]
                return [Event(payload.header("Subject"), labels=labels, details=files)]

        header = SimpleNamespace(name="subject", value="Backup")
        file = SimpleNamespace(name="a.csv", content_type="text/csv", body=b"x;y")
        wire = payload(b"b=2%20", query="a=1", headers=[header], attachments=[file])
        event = All().run(wire, bindings).events[0]
        self.assertEqual((event.title, [label.value for label in event.labels]), ("Backup", ["1", "2 "]))
        self.assertEqual(json.loads(event.details), [["a.csv", "x;y"]])


class Channels(unittest.TestCase):
    def test_failures_are_the_contract_s(self) -> None:
        chat = template("channel")
        host = FakeHost(http=[Response(200, [("X-Message-Id", "m1")])])
        self.assertEqual(chat.run_deliver(notification(), bindings).id, "m1")
        self.assertIn(("idempotency-key", "n"), [(header.name, header.value) for header in host.sent[0].headers])
        FakeHost(http=[Response(410), Response(503), Refusal("timeout", "slow"), Refusal("denied", "no grant")])
        for kind in ("BAD_ADDRESS", "TRANSIENT", "TRANSIENT", "PERMANENT"):
            with self.assertRaises(Err) as raised:
                chat.run_deliver(notification(), bindings)
            self.assertEqual(raised.exception.value.kind.name, kind)

    def test_an_answer_counts_only_with_the_right_signature(self) -> None:
        FakeHost(secrets={"chat": "s3cret"})
        chat, body = template("channel"), b'{"button":"ack"}'
        signature = secret.sign("chat", body, prefix="sha256=")
        self.assertRegex(signature, "^sha256=[0-9a-f]{64}$")
        answer = chat.run_callback(request(body, {"X-Signature": signature}), bindings)
        self.assertEqual(type(answer.action).__name__, "Acknowledge")
        for wrong in (signature.removeprefix("sha256="), signature + "00", "sha256=zz", "sha256= 00", ""):
            self.assertEqual(chat.run_callback(request(body, {"x-signature": wrong}), bindings).status, 403, wrong)
        self.assertEqual(chat.run_callback(request(body), bindings).status, 403)
        made = secret.sign("chat", body, encoding="base64", algorithm="hmac-sha1")
        self.assertTrue(secret.verify("chat", body, made, encoding="base64", algorithm="hmac-sha1"))
        self.assertTrue(secret.verify("chat", body, made.rstrip("="), encoding="base64", algorithm="hmac-sha1"))
        self.assertFalse(secret.verify("chat", body, made[:-2] + "*=", encoding="base64", algorithm="hmac-sha1"))
        FakeHost()
        with self.assertRaises(DeniedError):
            secret.sign("chat", body)

    def test_answers_and_addresses_are_checked(self) -> None:
        class Saying(Channel):
            said: object = None

            def callback(self, request: object) -> object:
                return self.said

        channel = Saying()
        channel.said = Answer("snooze", seconds=600)
        self.assertEqual(channel.run_callback(request(), bindings).action.value, 600)
        channel.said = Answer("ack")
        with self.assertRaisesRegex(ValueError, "answer: action: expected acknowledge"):
            channel.run_callback(request(), bindings)
        with self.assertRaises(Err) as raised:
            Channel().run_callback(request(), bindings)
        self.assertEqual(raised.exception.value.message, "this channel takes no answers")
        chat = template("channel")
        self.assertEqual(chat.run_validate("https://a ", bindings), "https://a")
        with self.assertRaises(Err) as raised:
            chat.run_validate("ftp://a", bindings)
        self.assertEqual(raised.exception.value, "expected an address that begins with https://")


class Hosts(unittest.TestCase):
    def test_state_is_text_bytes_or_json(self) -> None:
        host = FakeHost(state={"count": b"3", "broken": b"{"})
        self.assertEqual(state.get_json("count"), 3)
        state.set_json("count", 4, ttl_s=59.2)
        self.assertEqual((host.state["count"], host.ttl["count"]), (b"4", 60))
        self.assertIsNone(state.get_json("broken"))
        self.assertIn("state `broken` is unreadable", host.logged[0][1])
        state.delete("count")
        self.assertIsNone(state.get("count"))

    def test_a_mistake_is_logged_with_its_line_before_the_call_ends(self) -> None:
        host = FakeHost()
        module = python_types.ModuleType("plugin")
        code = "from nightbell_plugin import Filter\nclass Bad(Filter):\n    def judge(self, event):\n        return event.labels['x']\n"
        exec(compile(code, "/0/plugin.py", "exec"), module.__dict__)
        interfaces = SimpleNamespace(log=SimpleNamespace(Level=_levels(), log=lambda level, text: host.logged.append(text)))
        exports = exports_of(module, "filter", interfaces, bindings)()
        with self.assertRaises(KeyError):
            exports.judge(_one_event())
        self.assertEqual(host.logged, ["KeyError: 'x' at src/plugin.py:4 in judge"])

    def test_a_plugin_of_another_kind_than_its_manifest_s_is_refused(self) -> None:
        module = python_types.ModuleType("plugin")
        with self.assertRaisesRegex(TypeError, "expected one subclass of Filter in plugin.py, found none"):
            plugin_of(module, "filter")
        module.Mine = type("Mine", (Router,), {"__module__": "plugin"})
        with self.assertRaisesRegex(TypeError, 'plugin.toml says kind = "filter", but Mine is a router'):
            plugin_of(module, "filter")


def _levels() -> object:
    from nightbell_plugin.testing import _Level

    return _Level


def _one_event() -> str:
    from nightbell_plugin.testing import _wire

    return _wire([Event("a")])


if __name__ == "__main__":
    unittest.main()
