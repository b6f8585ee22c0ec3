// Parsers: which events are in this payload? The sender waits for the answer.

import { begin } from "./moment.js";
import { brief } from "./fault.js";
import { eventToWire } from "./event.js";
import { header } from "./host.js";
import { Refusal, settled } from "./guest.js";
import { bytesOf, form, utf8 } from "./text.js";
import * as check from "./check.js";

/** The payload is wrong: the sender is told, and the payload is listed as rejected. */
export class ParseError extends Error {
  constructor(message, options = {}) {
    super(message);
    this.name = "ParseError";
    this.reply = options.reply;
  }
}

/** What the sender gets to hear. */
export function reply(status, body = "", contentType = undefined) {
  const json = typeof body === "object" && !(body instanceof Uint8Array);
  const usual = json ? "application/json" : body === "" ? "" : "text/plain; charset=utf-8";
  return { status, contentType: contentType ?? usual, body: bytesOf(json ? JSON.stringify(body) : body, "reply: body") };
}

/** Makes a parser of `{ parse }` or of that function alone. */
export function parser(plugin) {
  const parse = typeof plugin === "function" ? plugin : plugin?.parse?.bind(plugin);
  if (typeof parse !== "function") throw new TypeError(`parser: expected { parse(payload) }, got ${brief(plugin)}`);
  return { kind: "parser", exports: { parse: (wire) => parsed(parse, wire) } };
}

function parsed(parse, wire) {
  begin(wire.receivedAt, wire.integration, wire.id);
  let said;
  try {
    said = settled(parse(new Payload(wire)), "parse");
  } catch (thrown) {
    if (!(thrown instanceof ParseError)) throw thrown;
    throw new Refusal({ message: thrown.message, reply: replyToWire(thrown.reply) });
  }
  const result = Array.isArray(said) ? { events: said } : check.known(said ?? {}, ["events", "reply", "rejected"], "parse");
  return {
    events: check.list(result.events, "parse: events").map((event, at) => eventToWire(event, `event ${at + 1}`)),
    reply: replyToWire(result.reply),
    rejected: check.list(result.rejected, "parse: rejected").map(String),
  };
}

function replyToWire(given) {
  if (given === undefined || given === null) return undefined;
  const { status, contentType, body } = check.known(given, ["status", "contentType", "body"], "reply");
  return { status, contentType: contentType ?? "", body: bytesOf(body, "reply: body") };
}

class Content {
  constructor(wire) {
    Object.assign(this, wire);
  }
  /** The body as text; bytes that are not UTF-8 become U+FFFD. */
  text() {
    return utf8.decode(this.body);
  }
  /** The body as JSON. */
  json() {
    if (this.body.length === 0) throw new ParseError("body: expected JSON, it is empty");
    try {
      return JSON.parse(this.text());
    } catch (error) {
      throw new ParseError(`body: expected JSON: ${error.message}`);
    }
  }
}

class Payload extends Content {
  constructor(wire) {
    super(wire);
    this.receivedAt = Number(wire.receivedAt);
    this.attachments = wire.attachments.map((attachment) => new Content(attachment));
  }
  header(name) {
    return header(this.headers, name);
  }
  queryPairs() {
    return form.decode(this.query);
  }
  formPairs() {
    return form.decode(this.text());
  }
}
