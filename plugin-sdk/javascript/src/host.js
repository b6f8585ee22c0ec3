// What the host offers: settings, log, state, http, mail and secret, in JavaScript's shapes.
//
// The host itself comes in by `connect`: the contract's interfaces in a guest, a fake in tests. What a kind's world does
// not have is refused here with the same error as what is not granted.

import { asked, DeniedError } from "./fault.js";
import { base64, bytesOf, form, hex, utf8 } from "./text.js";

let host = {};
let read;

/** Makes these the host's interfaces. */
export function connect(interfaces) {
  host = interfaces;
  fresh();
}

/** Forgets what was read during the call before. */
export function fresh() {
  read = undefined;
}

/** The operator's settings. */
export function settings() {
  read ??= JSON.parse(host.config?.get() || "{}");
  return read;
}

/** Writes a line, if there is anybody to read it: while a plugin is built there is not. */
export function write(level, message) {
  host.log?.log(level, String(message));
}

export const log = {
  debug: (message) => write("debug", message),
  info: (message) => write("info", message),
  warn: (message) => write("warn", message),
  error: (message) => write("error", message),
};

function part(name) {
  const found = host[name];
  if (found === undefined) throw new DeniedError(name, "this kind of plugin does not have it");
  return found;
}

export const state = {
  getBytes(key) {
    const interface_ = part("state");
    return asked("state", () => interface_.get(key)) ?? null;
  },
  get(key) {
    const bytes = state.getBytes(key);
    return bytes === null ? null : utf8.decode(bytes);
  },
  getJson(key) {
    const text = state.get(key);
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch (error) {
      log.warn(`state \`${key}\` is unreadable and taken as absent: ${error.message}`);
      return null;
    }
  },
  set(key, value, options = {}) {
    const interface_ = part("state");
    const ttl = options.ttlS === undefined || options.ttlS === null ? undefined : Math.max(0, Math.ceil(options.ttlS));
    asked("state", () => interface_.set(key, bytesOf(value, "state"), ttl));
  },
  setJson(key, value, options) {
    state.set(key, JSON.stringify(value), options);
  },
  delete(key) {
    const interface_ = part("state");
    asked("state", () => interface_.delete(key));
  },
};

export const http = {
  send(request) {
    const interface_ = part("http");
    const wire = {
      method: (request.method ?? (hasBody(request) ? "POST" : "GET")).toUpperCase(),
      url: request.url,
      headers: pairs(request.headers ?? {}),
      body: new Uint8Array(),
      timeoutMs: request.timeoutMs,
    };
    if (request.json !== undefined) body(wire, JSON.stringify(request.json), "application/json");
    else if (request.form !== undefined) body(wire, form.encode(request.form), "application/x-www-form-urlencoded");
    else wire.body = bytesOf(request.body, "body");
    return new Response(asked("http", () => interface_.send(wire)));
  },
  get: (url, options = {}) => http.send({ ...options, method: "GET", url }),
  post: (url, options = {}) => http.send({ ...options, method: "POST", url }),
};

function hasBody(request) {
  return [request.json, request.form, request.body].some((content) => content !== undefined);
}

function body(wire, text, type) {
  wire.body = utf8.encode(text);
  if (header(wire.headers, "content-type") === undefined) wire.headers.push({ name: "content-type", value: type });
}

function pairs(headers) {
  const list = Array.isArray(headers) ? headers : Object.entries(headers);
  return list.map((entry) => (Array.isArray(entry) ? { name: entry[0], value: String(entry[1]) } : entry));
}

/** The first header with this name, whatever its case. */
export function header(headers, name) {
  const wanted = name.toLowerCase();
  return headers.find((entry) => entry.name.toLowerCase() === wanted)?.value;
}

class Response {
  constructor(wire) {
    this.status = wire.status;
    this.headers = wire.headers;
    this.body = wire.body;
  }
  get ok() {
    return this.status >= 200 && this.status < 300;
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
}

export const mail = {
  send(message) {
    const interface_ = part("mail");
    const { subject, text, html, thread } = message;
    return asked("mail", () => interface_.send({ subject, text, html, thread }));
  },
};

export const secret = {
  sign(name, data, options = {}) {
    const interface_ = part("secret");
    const algorithm = options.algorithm ?? "hmac-sha256";
    const made = asked("secret", () => interface_.sign(name, algorithm, bytesOf(data, "data")));
    return (options.prefix ?? "") + ENCODINGS[encoding(options)].encode(made);
  },
  verify(name, data, signature, options = {}) {
    const interface_ = part("secret");
    const given = signatureBytes(signature, options);
    // What is no signature cannot be the right one.
    if (given === null) return false;
    const algorithm = options.algorithm ?? "hmac-sha256";
    return asked("secret", () => interface_.verify(name, algorithm, bytesOf(data, "data"), given));
  },
};

const ENCODINGS = { hex, base64 };

function encoding(options) {
  const name = options.encoding ?? "hex";
  if (!(name in ENCODINGS)) throw new TypeError(`encoding: expected hex or base64, got \`${name}\``);
  return name;
}

function signatureBytes(signature, options) {
  if (signature instanceof Uint8Array) return signature;
  const codec = ENCODINGS[encoding(options)];
  const prefix = options.prefix ?? "";
  if (typeof signature !== "string" || !signature.startsWith(prefix)) return null;
  return codec.decode(signature.slice(prefix.length));
}
