// A plugin's own tests, without an engine: `node --test`. A fake host takes the place of the real one, time and randomness
// follow the event as they do in a component.

import { createHmac, timingSafeEqual } from "node:crypto";
import { connect, fresh } from "./src/host.js";
import { Refusal } from "./src/guest.js";
import { utf8 } from "./src/text.js";
import "./src/prelude.js";

const realConsole = console;

/** A host of this test's own, until the next one is made. */
export function fakeHost({ settings = {}, state = {}, secrets = {}, http = [], mail = [] } = {}) {
  const values = new Map(Object.entries(state).map(([key, value]) => [key, utf8.encode(value)]));
  const seen = { log: [], http: [], mail: [], ttl: {} };
  const next = (answers, what) => {
    const given = answers.shift();
    if (given === undefined) throw new Error(`the test has no answer left for ${what}`);
    if (given.error !== undefined) throw { payload: { tag: given.error, val: given.message ?? given.error } };
    return given;
  };
  connect({
    log: { log: (level, message) => seen.log.push({ level, message }) },
    config: { get: () => JSON.stringify(settings) },
    state: {
      get: (key) => values.get(key),
      set: (key, value, ttl) => {
        values.set(key, value);
        seen.ttl[key] = ttl;
      },
      delete: (key) => values.delete(key),
    },
    http: {
      send: (request) => {
        seen.http.push({ ...request, body: utf8.decode(request.body) });
        const { status = 200, headers = {}, body = "" } = next(http, request.url);
        return { status, headers: Object.entries(headers).map(([name, value]) => ({ name, value })), body: utf8.encode(body) };
      },
    },
    mail: {
      send: (message) => {
        seen.mail.push(message);
        return next(mail, "a mail").id ?? "<1@test>";
      },
    },
    secret: {
      sign: (name, algorithm, data) => hmac(secrets, name, algorithm, data),
      verify: (name, algorithm, data, signature) => {
        const right = hmac(secrets, name, algorithm, data);
        return right.length === signature.length && timingSafeEqual(right, signature);
      },
    },
  });
  return {
    ...seen,
    get state() {
      return Object.fromEntries([...values].map(([key, value]) => [key, utf8.decode(value)]));
    },
  };
}

function hmac(secrets, name, algorithm, data) {
  if (secrets[name] === undefined) throw { payload: { tag: "denied", val: `no secret \`${name}\`` } };
  return new Uint8Array(createHmac(algorithm.replace("hmac-", ""), secrets[name]).update(data).digest());
}

const AT = Date.UTC(2026, 0, 5, 9);

/** Judges events with a filter: one verdict each, as the engine reads it. */
export function judge(plugin, events) {
  return call(plugin, "judge", JSON.stringify(events.map(wireEvent)), JSON.parse);
}

/** Routes events with a router: one decision each, or `null`. */
export function route(plugin, events) {
  return call(plugin, "route", JSON.stringify(events.map(wireEvent)), JSON.parse);
}

/** Parses a payload: `{ events, reply, rejected }`, or throws the contract's `{ message, reply }`. */
export function parse(plugin, { body = "", headers = {}, attachments = [], ...rest } = {}) {
  const wire = {
    id: "test",
    integration: "test",
    method: "POST",
    path: "/",
    query: "",
    contentType: "",
    receivedAt: AT,
    ...rest,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
    body: bytes(body),
    attachments: attachments.map((file) => ({ name: "", contentType: "", ...file, body: bytes(file.body ?? "") })),
  };
  return call(plugin, "parse", wire);
}

/** Delivers a notification: a receipt, or throws the contract's `{ kind, message, retryAfterS }`. */
export function deliver(plugin, { incident = {}, event = {}, answers = {}, ...rest } = {}) {
  const wire = {
    id: "test",
    attempt: 1,
    purpose: "page",
    createdAt: AT,
    now: AT,
    address: "",
    person: "alice",
    personName: "Alice",
    language: "en",
    reason: "on call for primary",
    update: "",
    ...rest,
    incident: {
      id: "1",
      number: 1,
      title: "test",
      status: "triggered",
      urgency: "high",
      service: "shop",
      serviceName: "Shop",
      createdAt: AT,
      alerts: [],
      alertCount: 0,
      answeredBy: [],
      ...incident,
    },
    event: { kind: "trigger", title: "test", severity: "error", source: "", links: [], images: [], labels: [], details: "", attributes: [], ...event },
    answers,
  };
  return call(plugin, "deliver", wire);
}

/** Reads an answer from outside. */
export function callback(plugin, { body = "", headers = {}, ...rest } = {}) {
  const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return call(plugin, "callback", { method: "POST", url: "", now: AT, ...rest, headers: list, body: bytes(body) });
}

/** Whether something can be an address; throws what is wrong with it. */
export function validate(plugin, address) {
  return call(plugin, "validate", address);
}

function call(plugin, name, input, read = (result) => result) {
  fresh();
  try {
    return read(plugin.exports[name](input));
  } catch (thrown) {
    throw thrown instanceof Refusal ? thrown.value : thrown;
  }
}

function bytes(content) {
  return typeof content === "string" ? utf8.encode(content) : content;
}

/** Names as in the JSON worlds, defaults as in case files. */
function wireEvent(event, at) {
  return {
    id: at + 1,
    kind: "trigger",
    integration: "test",
    service: "shop",
    dedup_key: event.dedupKey ?? event.title ?? "test",
    title: "test",
    severity: "unknown",
    source: "",
    received_at: event.receivedAt ?? AT,
    starts_at: event.startsAt ?? null,
    expires_at: event.expiresAt ?? null,
    labels: {},
    attributes: [],
    links: [],
    images: [],
    details: null,
    ...event,
  };
}

// The test's own output stays where its author expects it.
globalThis.console = realConsole;
