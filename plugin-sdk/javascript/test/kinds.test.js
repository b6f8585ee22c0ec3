// Each kind's answers, and each mistake an author can make.
import assert from "node:assert/strict";
import test from "node:test";
import * as sdk from "../index.js";
import { callback, deliver, fakeHost, judge, parse, route, validate } from "../testing.js";
import chat from "../templates/channel/plugin.js";
import teams from "../templates/filter/plugin.js";
import pings from "../templates/parser/plugin.js";
import byEnvironment from "../templates/router/plugin.js";

test("a filter's verdicts are the JSON world's", () => {
  fakeHost({ settings: { muted_teams: ["lab"] } });
  const lists = { set_labels: { team: "ops" }, remove_labels: [], set_attributes: {}, remove_attributes: [], add_links: [] };
  assert.deepEqual(judge(teams, [{ labels: { team: "lab" } }, { labels: { team: "x" } }, {}]), [
    { verdict: "drop", reason: "lab is muted" },
    { verdict: "keep" },
    { verdict: "modify", ...lists },
  ]);
  const night = sdk.filter(() => sdk.suppress("night", { until: new Date(5_000) }));
  assert.deepEqual(judge(night, [{}]), [{ verdict: "suppress", reason: "night", until: 5_000 }]);
  assert.deepEqual(judge(teams, []), []);
});

test("a mistake in a verdict is named", () => {
  fakeHost();
  const cases = [
    [() => ({ verdict: "drop" }), /event 1 \(`test`\): expected keep\(\), drop\(\), suppress\(\) or modify\(\)/],
    [() => sdk.drop(), /drop: reason: expected text/],
    [() => sdk.suppress("x", { untill: 1 }), /suppress: unknown `untill`, expected until/],
    [() => sdk.modify({ setLabel: {} }), /modify: unknown `setLabel`/],
    [() => sdk.modify({ severity: "bad" }), /modify: severity: expected critical/],
    [async () => sdk.keep(), /without async/],
  ];
  for (const [said, message] of cases) assert.throws(() => judge(sdk.filter(said), [{}]), message);
});

test("a router's decisions are the JSON world's", () => {
  fakeHost({ settings: { sandbox: "lab" } });
  const events = ["production", "test"].map((environment) => ({ labels: { environment } }));
  assert.deepEqual(route(byEnvironment, [...events, {}]), [{ urgency: "high" }, { service: "lab", urgency: "low" }, null]);
  assert.throws(() => route(sdk.router(() => ({ team: "x" })), [{}]), /unknown `team`, expected service/);
  assert.throws(() => route(sdk.router(() => ({ urgency: "loud" })), [{}]), /urgency: expected high, low/);
});

test("a parser's events are filled up, and its errors are the sender's", () => {
  fakeHost();
  const { events } = parse(pings, { body: '{"host":"db","up":false}' });
  assert.deepEqual(events[0].kind, "trigger");
  assert.deepEqual([events[0].dedupKey, events[0].labels, events[0].details], ["db", [], ""]);
  assert.throws(() => parse(pings, { body: "" }), { message: "body: expected JSON, it is empty" });
  assert.throws(() => parse(pings, { body: "{}" }), { message: "host: expected text" });
  const refusing = sdk.parser(() => {
    throw new sdk.ParseError("no", { reply: sdk.reply(422, { error: "no" }) });
  });
  assert.throws(() => parse(refusing), (error) => error.reply.status === 422 && error.reply.contentType === "application/json");
  assert.throws(() => parse(sdk.parser(() => [{ titel: "x" }])), /event 1: unknown `titel`/);
});

test("a parser sees headers, queries, forms and attachments", () => {
  fakeHost();
  const all = sdk.parser((payload) => ({
    events: [
      {
        title: payload.header("Subject"),
        labels: Object.fromEntries([...payload.queryPairs(), ...payload.formPairs()]),
        details: payload.attachments.map((file) => [file.name, file.text()]),
        startsAt: payload.receivedAt,
      },
    ],
  }));
  const attachments = [{ name: "a.csv", body: "x;y" }];
  const { events } = parse(all, { headers: { subject: "Backup" }, query: "a=1", body: "b=2%20", attachments });
  assert.deepEqual(events[0].labels, [
    { name: "a", value: "1" },
    { name: "b", value: "2 " },
  ]);
  assert.deepEqual([events[0].title, events[0].details], ["Backup", '[["a.csv","x;y"]]']);
});

test("a channel's failures are the contract's", () => {
  const address = "https://chat.example.org/room";
  let host = fakeHost({ http: [{ status: 200, headers: { "X-Message-Id": "m1" } }] });
  assert.equal(deliver(chat, { address }).id, "m1");
  assert.equal(host.http[0].headers.find(({ name }) => name === "idempotency-key").value, "test");
  host = fakeHost({ http: [{ status: 410 }, { status: 503, headers: { "retry-after": "7" } }, { error: "timeout", message: "slow" }, { error: "denied" }] });
  const kinds = ["bad-address", "transient", "transient", "permanent"];
  const failures = kinds.map(() => {
    try {
      return deliver(chat, { address });
    } catch (failure) {
      return failure;
    }
  });
  assert.deepEqual(failures.map(({ kind }) => kind), kinds);
  assert.deepEqual([failures[1].retryAfterS, failures[2].message], [7, "http: timeout: slow"]);
});

test("an answer counts only with the right signature", () => {
  fakeHost({ secrets: { chat: "s3cret" } });
  const body = '{"button":"ack"}';
  const signature = sdk.secret.sign("chat", body, { prefix: "sha256=" });
  assert.match(signature, /^sha256=[0-9a-f]{64}$/);
  assert.deepEqual(callback(chat, { body, headers: { "X-Signature": signature } }).action, { tag: "acknowledge" });
  for (const wrong of [signature.replace("sha256=", ""), `${signature}00`, "sha256=zz", ""]) {
    assert.equal(callback(chat, { body, headers: { "x-signature": wrong } }).status, 403, wrong);
  }
  const base64 = sdk.secret.sign("chat", body, { encoding: "base64", algorithm: "hmac-sha1" });
  assert.ok(sdk.secret.verify("chat", body, base64, { encoding: "base64", algorithm: "hmac-sha1" }));
  assert.ok(!sdk.secret.verify("chat", `${body} `, base64, { encoding: "base64", algorithm: "hmac-sha1" }));
  fakeHost();
  assert.throws(() => sdk.secret.sign("chat", body), sdk.DeniedError);
});

test("answers and addresses are checked", () => {
  fakeHost();
  assert.equal(validate(chat, "https://a.example.org "), "https://a.example.org");
  assert.throws(() => validate(chat, "ftp://a"), (said) => said === "expected an address that begins with https://");
  const saying = (said) => sdk.channel({ deliver: () => null, callback: () => said });
  assert.deepEqual(callback(saying(sdk.answer("snooze", { seconds: 600 }))).action, { tag: "snooze", val: 600 });
  assert.throws(() => callback(saying(sdk.answer("snooze"))), /seconds: expected a whole number/);
  assert.throws(() => callback(saying({ action: "ack" })), /answer: action: expected acknowledge/);
  assert.deepEqual(deliver(saying(null)).state, "accepted");
  assert.throws(() => sdk.channel({ deliver: () => null, validat: () => "" }), /unknown `validat`/);
});

test("state is text, bytes or JSON, and a kind without it is told so", () => {
  const host = fakeHost({ state: { count: "3", broken: "{" } });
  assert.equal(sdk.state.getJson("count"), 3);
  sdk.state.setJson("count", 4, { ttlS: 59.2 });
  assert.deepEqual([host.state.count, host.ttl.count], ["4", 60]);
  assert.equal(sdk.state.getJson("broken"), null);
  assert.match(host.log[0].message, /state `broken` is unreadable/);
  sdk.state.delete("count");
  assert.equal(sdk.state.get("count"), null);
});
