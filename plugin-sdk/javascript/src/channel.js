// Channels: bring one notification to one address, and read the answers that come back.

import { begin } from "./moment.js";
import { brief, HostError } from "./fault.js";
import { eventOf } from "./event.js";
import { header } from "./host.js";
import { Refusal, settled } from "./guest.js";
import { bytesOf, form, utf8 } from "./text.js";
import * as check from "./check.js";

/** The notification did not get there; `kind` says what follows. */
export class Failure extends Error {
  constructor(kind, message, options = {}) {
    super(message);
    this.name = "Failure";
    this.kind = check.word(kind, ["transient", "permanent", "bad-address"], "failure: kind");
    this.retryAfterS = options.retryAfterS;
  }
  /** Trying again may help. */
  static transient(message, options) {
    return new Failure("transient", message, options);
  }
  /** Trying again cannot help. */
  static permanent(message, options) {
    return new Failure("permanent", message, options);
  }
  /** The address is wrong or gone. */
  static badAddress(message, options) {
    return new Failure("bad-address", message, options);
  }
}

const RECEIPT = ["state", "id", "thread", "problems"];

/** The other side has taken the message. */
export function accepted(options = {}) {
  return { state: "accepted", ...check.known(options, RECEIPT.slice(1), "accepted") };
}

/** The message has reached its reader. */
export function delivered(options = {}) {
  return { state: "delivered", ...check.known(options, RECEIPT.slice(1), "delivered") };
}

const ANSWER = ["delivery", "account", "status", "contentType", "body", "message", "seconds"];

/** What an answer from outside means, and what the caller gets to hear. */
export function answer(action, options = {}) {
  return { action, ...check.known(options, ANSWER, "answer") };
}

/** Makes a channel of `{ deliver, callback, validate }`; the last two may be left out. */
export function channel(plugin) {
  if (typeof plugin?.deliver !== "function") {
    throw new TypeError(`channel: expected { deliver(notification) }, got ${brief(plugin)}`);
  }
  check.known(plugin, ["deliver", "callback", "validate"], "channel");
  return {
    kind: "channel",
    exports: {
      deliver: (wire) => refusing(() => deliver(plugin, wire)),
      callback: (wire) => refusing(() => callback(plugin, wire)),
      validate: (address) => validate(plugin, address),
    },
  };
}

function deliver(plugin, wire) {
  begin(wire.now, wire.id, wire.attempt);
  const said = settled(plugin.deliver(notificationOf(wire)), "deliver");
  const given = check.known(said ?? { state: "accepted" }, RECEIPT, "receipt");
  return {
    state: check.word(given.state, ["accepted", "delivered"], "receipt: state", "accepted"),
    id: check.text(given.id, "receipt: id"),
    thread: check.text(given.thread, "receipt: thread"),
    problems: check.list(given.problems, "receipt: problems").map(String),
  };
}

function callback(plugin, wire) {
  begin(wire.now, wire.url, wire.delivery);
  if (plugin.callback === undefined) throw Failure.permanent("this channel takes no answers");
  const said = settled(plugin.callback(new Request(wire)), "callback");
  const given = check.known(said, ["action", ...ANSWER], "answer");
  return {
    action: action(given),
    delivery: check.text(given.delivery, "answer: delivery"),
    account: check.text(given.account, "answer: account"),
    status: given.status ?? 200,
    contentType: given.contentType ?? "",
    body: bytesOf(given.body, "answer: body"),
  };
}

function validate(plugin, address) {
  begin(0, address);
  if (plugin.validate === undefined) return address;
  try {
    return check.text(settled(plugin.validate(address), "validate"), "validate") ?? address;
  } catch (thrown) {
    if (thrown instanceof Failure) throw new Refusal(thrown.message);
    throw thrown;
  }
}

const ACTIONS = ["acknowledge", "resolve", "escalate", "delivered", "failed", "snooze", "nothing"];

function action(given) {
  const tag = check.word(given.action, ACTIONS, "answer: action");
  if (tag === "failed") return { tag, val: check.needed(given.message, "answer: message") };
  if (tag !== "snooze") return { tag };
  if (!Number.isInteger(given.seconds) || given.seconds < 0) {
    throw new TypeError(`answer: seconds: expected a whole number, got ${brief(given.seconds)}`);
  }
  return { tag, val: given.seconds };
}

/** Failures as the contract's; a refusal of the host that nobody caught is one too. */
function refusing(run) {
  try {
    return run();
  } catch (thrown) {
    const failure = thrown instanceof HostError ? failureOf(thrown) : thrown;
    if (!(failure instanceof Failure)) throw thrown;
    const { kind, message, retryAfterS } = failure;
    throw new Refusal({ kind, message, retryAfterS: retryAfterS === undefined ? undefined : Math.max(0, Math.ceil(retryAfterS)) });
  }
}

const MAY_PASS = ["timeout", "connect", "transient"];

function failureOf(refusal) {
  return new Failure(MAY_PASS.includes(refusal.kind) ? "transient" : "permanent", refusal.message);
}

function notificationOf(wire) {
  const { incident } = wire;
  return {
    ...wire,
    createdAt: Number(wire.createdAt),
    now: Number(wire.now),
    incident: {
      ...incident,
      number: Number(incident.number),
      priority: incident.priority ?? null,
      createdAt: Number(incident.createdAt),
      alerts: incident.alerts.map((alert) => ({ ...alert, startsAt: Number(alert.startsAt) })),
    },
    event: eventOf(wire.event),
    answers: {
      view: wire.answers.view ?? null,
      acknowledge: wire.answers.acknowledge ?? null,
      resolve: wire.answers.resolve ?? null,
    },
    callbackUrl: wire.callbackUrl ?? null,
    thread: wire.thread ?? null,
  };
}

class Request {
  constructor(wire) {
    Object.assign(this, wire);
    this.now = Number(wire.now);
    this.delivery = wire.delivery ?? null;
  }
  header(name) {
    return header(this.headers, name);
  }
  text() {
    return utf8.decode(this.body);
  }
  json() {
    return JSON.parse(this.text());
  }
  formPairs() {
    return form.decode(this.text());
  }
}
