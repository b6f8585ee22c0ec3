// Evaluated before the plugin's own code: what the language offers and a plugin must not have is replaced, so that the
// same event leads to the same verdict on every machine and in every replay.
//
// Date and Math.random follow the event, console goes to the operator's log. Where there is neither (a build, a module's
// top level) time stands at 0 and the random numbers are those of the empty text.

import { next, now } from "./moment.js";
import { utf8 } from "./text.js";
import { write } from "./host.js";

const RealDate = globalThis.Date;

class EventDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }
  static now() {
    return now();
  }
}

// `Date()` without `new` is text, which a class cannot do.
globalThis.Date = new Proxy(EventDate, { apply: () => new EventDate().toString() });
EventDate.prototype.constructor = globalThis.Date;
globalThis.performance = { now: () => 0, timeOrigin: 0 };
Math.random = next;

globalThis.TextEncoder ??= class TextEncoder {
  get encoding() {
    return "utf-8";
  }
  encode(text = "") {
    return utf8.encode(String(text));
  }
};

globalThis.TextDecoder ??= class TextDecoder {
  constructor(label = "utf-8") {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`expected the encoding utf-8, got \`${label}\``);
  }
  get encoding() {
    return "utf-8";
  }
  decode(bytes = new Uint8Array()) {
    return utf8.decode(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes);
  }
};

const line = (level) => (...parts) => write(level, parts.map(shown).join(" "));
globalThis.console = {
  debug: line("debug"),
  log: line("info"),
  info: line("info"),
  warn: line("warn"),
  error: line("error"),
};

function shown(part) {
  if (typeof part === "string") return part;
  if (part instanceof Error) return `${part.name}: ${part.message}`;
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}
