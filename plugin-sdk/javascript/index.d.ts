/**
 * Write Nightbell plugins in JavaScript or TypeScript.
 *
 * The default export of `src/plugin.js` (or `.ts`) is `filter(…)`, `router(…)`, `parser(…)` or `channel(…)`. Calls to the
 * host need no `await`, and plugins are written without `async`. `Date` and `Math.random()` follow the event in hand.
 * Instants are milliseconds since the Unix epoch, UTC.
 */

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number;
export type EventKind = "trigger" | "acknowledge" | "resolve" | "change";
/** The source's claim. */
export type Severity = "critical" | "error" | "warning" | "info" | "unknown";
/** How loudly people are notified. */
export type Urgency = "high" | "low";
/** One JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
/** Names and values: an object, or a list where order or repetition matters. */
export type Labels = Record<string, string | number | boolean> | Label[];

export interface Label {
  name: string;
  value: string;
}
export interface Link {
  href: string;
  text: string;
}
export interface Image {
  src: string;
  /** Where a click leads; may be empty. */
  href: string;
  alt: string;
}

/** What every event has. */
interface Signal {
  kind: EventKind;
  title: string;
  severity: Severity;
  /** When the condition began, by the source's clock. */
  startsAt: Instant | null;
  /** When the condition ends by itself unless it is sent again. */
  expiresAt: Instant | null;
  /** What is affected: a host, a cluster, a URL. */
  source: string;
  /** To match on. */
  labels: Record<string, string>;
  /** To show, in order. */
  attributes: Label[];
  links: Link[];
  images: Image[];
  /** The rest of the payload. */
  details: Json;
}

/** An event as a filter or router reads it. */
export interface Event extends Signal {
  /** The event's number in the journal. */
  id: number;
  integration: string;
  /** The integration's own service. */
  service: string;
  /** Identity of the condition inside its integration. */
  dedupKey: string;
  /** When the engine took it in: a plugin's only clock, and what `Date.now()` answers. */
  receivedAt: Instant;
}

/** An event as a parser writes it: only the title must be there. */
export interface NewEvent {
  /** `trigger` unless said. */
  kind?: EventKind;
  /** The same for a problem and its recovery. Without one the host derives it from the title. */
  dedupKey?: string | null;
  title: string;
  /** `unknown` unless said. */
  severity?: Severity;
  startsAt?: Instant | Date | null;
  expiresAt?: Instant | Date | null;
  source?: string;
  links?: { href: string; text?: string }[];
  images?: { src: string; href?: string; alt?: string }[];
  labels?: Labels;
  details?: Json;
  attributes?: Labels;
}

/** Made by `filter`, `router`, `parser` or `channel`: the default export of a plugin. */
export interface Plugin {
  readonly kind: "filter" | "router" | "parser" | "channel";
  readonly exports: Record<string, (input: any) => unknown>;
}

// Filters

/** Made by `keep`, `drop`, `suppress` or `modify`. */
export interface Verdict {
  readonly [verdict]: true;
}
declare const verdict: unique symbol;

/** Does this event matter? Saying nothing keeps it. */
export function filter(judge: (event: Event) => Verdict | null | undefined | void): Plugin;
/** The event goes on as it is. */
export function keep(): Verdict;
/** The event is recorded with this reason, and nothing else happens. */
export function drop(reason: string): Verdict;
/** The alert fires, and nobody is paged until then (or until it is kept). */
export function suppress(reason: string, options?: { until?: Instant | Date | null }): Verdict;
/** The event goes on with these changes. Its kind, integration and dedup key stay what they are. */
export function modify(changes: Changes): Verdict;

export interface Changes {
  title?: string;
  severity?: Severity;
  source?: string;
  /** `null` removes them. */
  details?: Json;
  expiresAt?: Instant | Date;
  setLabels?: Labels;
  removeLabels?: string[];
  setAttributes?: Labels;
  removeAttributes?: string[];
  addLinks?: { href: string; text?: string }[];
}

// Routers

/** Each field is an opinion of its own; what is left out is left to the next router or the default. */
export interface Decision {
  service?: string | null;
  escalationPolicy?: string | null;
  urgency?: Urgency | null;
  /** `P1` to `P5`. */
  priority?: string | null;
  /** Alerts of one service with the same group key share an incident. */
  groupKey?: string | null;
}

/** Whose is this event, and how loud? Saying nothing leaves it to the next router. */
export function router(route: (event: Event) => Decision | null | undefined | void): Plugin;

// Parsers

/** A body with its readings. */
interface Content {
  body: Uint8Array;
  /** As text; bytes that are not UTF-8 become U+FFFD. */
  text(): string;
  /** As JSON. In a parser, what is none throws a `ParseError`. */
  json(): any;
}

/** A file that came with a mail. */
export interface Attachment extends Content {
  /** As the sender named it; may be empty. */
  name: string;
  /** The media type without parameters, lower case. */
  contentType: string;
}

export interface Payload extends Content {
  /** A fresh unique id of this payload. */
  id: string;
  integration: string;
  /** Upper case; `MAIL` for a mail, whose headers are then the `headers` and whose text is the `body`. */
  method: string;
  /** What follows the integration's key. Starts with `/`. */
  path: string;
  query: string;
  /** Lower-case names. Credentials are removed. */
  headers: Label[];
  /** The media type without parameters, lower case; empty when absent. */
  contentType: string;
  receivedAt: Instant;
  /** Of a mail, in order; empty otherwise. */
  attachments: Attachment[];
  /** The first header with this name, whatever its case. */
  header(name: string): string | undefined;
  /** The query, decoded, in order. */
  queryPairs(): [string, string][];
  /** The body as a form, decoded, in order. */
  formPairs(): [string, string][];
}

export interface Reply {
  status: number;
  contentType?: string;
  body?: string | Uint8Array;
}

export interface Parsed {
  /** In order; may be empty (a ping). */
  events?: NewEvent[];
  /** What the sender gets to hear; left out, the host decides. */
  reply?: Reply;
  /** Parts of the payload that were refused while the rest was accepted, one line each. */
  rejected?: string[];
}

type Parse = (payload: Payload) => Parsed | NewEvent[];

/** Which events are in this payload? The sender waits for the answer. */
export function parser(plugin: Parse | { parse: Parse }): Plugin;
/** What the sender gets to hear. An object as the body becomes JSON. */
export function reply(status: number, body?: string | Uint8Array | Json, contentType?: string): Reply;

/** Throw it when the payload is wrong: the sender is told, and the payload is listed as rejected. */
export class ParseError extends Error {
  constructor(message: string, options?: { reply?: Reply });
  reply?: Reply;
}

// Channels

export interface Alert {
  dedupKey: string;
  integration: string;
  title: string;
  firing: boolean;
  severity: Severity;
  startsAt: Instant;
}

export interface Incident {
  id: string;
  number: number;
  title: string;
  status: "triggered" | "acknowledged" | "resolved";
  urgency: Urgency;
  priority: string | null;
  service: string;
  serviceName: string;
  createdAt: Instant;
  /** Firing and resolved alerts, oldest first; bounded by the host. */
  alerts: Alert[];
  /** How many there are in all. */
  alertCount: number;
  /** Names of those who acknowledged it or resolved it, first to last. */
  answeredBy: string[];
}

export interface Notification {
  /** Stable over all attempts: the idempotency key. */
  id: string;
  /** From 1. */
  attempt: number;
  /** A `notice` is about no incident: `incident.title` is its headline, `update` its text, the rest of the incident empty. */
  purpose: "page" | "status-update" | "test" | "notice";
  createdAt: Instant;
  /** When this attempt starts, and what `Date.now()` answers. */
  now: Instant;
  address: string;
  person: string;
  personName: string;
  /** BCP 47. */
  language: string;
  /** Why this person: `on call for primary`. */
  reason: string;
  incident: Incident;
  /** The event that opened the incident, with its details. */
  event: Signal & { dedupKey: string | null };
  /** Addresses for the person of this delivery alone; each expires. */
  answers: { view: string | null; acknowledge: string | null; resolve: string | null };
  /** Where answers of the other side may be sent, when the engine has a public address. */
  callbackUrl: string | null;
  /** What the channel returned as `thread` for this incident and address before. */
  thread: string | null;
  /** What has happened, for a status update; all it says, for a notice or a test. Empty for a page. */
  update: string;
}

export interface Receipt {
  state: "accepted" | "delivered";
  /** The other side's name for the message. */
  id?: string | null;
  /** Names the message for later ones; whoever returns none gets no status updates. */
  thread?: string | null;
  /** Parts that failed although the message went out, one line each. */
  problems?: string[];
}

/** An answer from outside. */
export interface Request extends Content {
  method: string;
  /** The address the other side called, as it saw it. */
  url: string;
  headers: Label[];
  now: Instant;
  /** The delivery that the address was made for; `null` for the channel's own door. */
  delivery: string | null;
  header(name: string): string | undefined;
  formPairs(): [string, string][];
}

export interface AnswerOptions {
  /** The delivery meant, when the request names it itself. */
  delivery?: string | null;
  /** Who answered, as an address of this channel, when the request says so. */
  account?: string | null;
  /** What the caller gets to hear: 200 unless said. */
  status?: number;
  contentType?: string;
  body?: string | Uint8Array;
}

export interface Answer extends AnswerOptions {
  action: "acknowledge" | "resolve" | "escalate" | "delivered" | "failed" | "snooze" | "nothing";
  /** For `failed`: why. */
  message?: string;
  /** For `snooze`: how long. */
  seconds?: number;
}

/** Brings one notification to one address, and reads the answers that come back. */
export function channel(plugin: {
  /** Throw a `Failure` when it does not get there. A refusal of the host that is not caught is a failure too. */
  deliver(notification: Notification): Receipt | null | undefined | void;
  /** Once it is sure who sent it. */
  callback?(request: Request): Answer;
  /** The usual form of an address, or a `Failure` with what is wrong with it. `http` and `mail` are denied here. */
  validate?(address: string): string;
}): Plugin;

type ReceiptOptions = Omit<Receipt, "state">;

/** The other side has taken the message. */
export function accepted(options?: ReceiptOptions): Receipt;
/** The message has reached its reader. */
export function delivered(options?: ReceiptOptions): Receipt;
/** What an answer from outside means, and what the caller gets to hear. */
export function answer(action: "failed", options: AnswerOptions & { message: string }): Answer;
export function answer(action: "snooze", options: AnswerOptions & { seconds: number }): Answer;
export function answer(action: Exclude<Answer["action"], "failed" | "snooze">, options?: AnswerOptions): Answer;

interface FailureOptions {
  retryAfterS?: number;
}

/** The notification did not get there; `kind` says what follows. */
export class Failure extends Error {
  constructor(kind: "transient" | "permanent" | "bad-address", message: string, options?: FailureOptions);
  readonly kind: "transient" | "permanent" | "bad-address";
  readonly retryAfterS?: number;
  /** Trying again may help. */
  static transient(message: string, options?: FailureOptions): Failure;
  /** Trying again cannot help. */
  static permanent(message: string): Failure;
  /** The address is wrong or gone: permanent, and the person should be told. */
  static badAddress(message: string): Failure;
}

// The host

/** The operator's settings of this plugin, as one object. */
export function settings<T = Record<string, any>>(): T;

/** Lines for the operator's log, attributed to the plugin. `console` leads here too. The rate is limited. */
export const log: Record<"debug" | "info" | "warn" | "error", (message: string) => void>;

interface StateOptions {
  /** Seconds of event time; left out, the value stays until it is deleted. */
  ttlS?: number | null;
}

/**
 * A small durable key-value store of the plugin's own, for filters, routers and channels. Writes join the batch's commit; a
 * failed call leaves none. To be asked for in the manifest: `requires = ["state"]`.
 */
export const state: {
  get(key: string): string | null;
  getBytes(key: string): Uint8Array | null;
  /** What is unreadable is taken as absent. */
  getJson<T = any>(key: string): T | null;
  set(key: string, value: string | Uint8Array, options?: StateOptions): void;
  setJson(key: string, value: unknown, options?: StateOptions): void;
  delete(key: string): void;
};

export interface RequestOptions {
  headers?: Record<string, string> | [string, string][];
  /** One of `body`, `json` and `form`. */
  body?: string | Uint8Array;
  json?: unknown;
  form?: Record<string, string> | [string, string][];
  /** For the whole exchange; bounded by the plugin's own limit. */
  timeoutMs?: number;
}

export interface Response {
  status: number;
  /** True for a status of 200 to 299. */
  readonly ok: boolean;
  headers: Label[];
  body: Uint8Array;
  header(name: string): string | undefined;
  text(): string;
  json(): any;
}

/**
 * HTTP to granted hosts, for channels. `{{secret:name}}` in URL and headers is replaced by the host after the check; the
 * plugin never sees the secret. A refusal is a `HostError` of kind `denied`, `invalid`, `timeout`, `connect` or `too-large`.
 */
export const http: {
  send(request: RequestOptions & { url: string; method?: string }): Response;
  get(url: string, options?: RequestOptions): Response;
  post(url: string, options?: RequestOptions): Response;
};

/** Mail through the operator's SMTP server, for channels: only to the notification's own address. */
export const mail: {
  /** Answers the Message-ID. */
  send(message: { subject: string; text: string; html?: string; thread?: string }): string;
};

interface SignatureOptions {
  /** `hmac-sha256` unless said. */
  algorithm?: "hmac-sha256" | "hmac-sha1";
  /** How a signature is written: `hex` unless said. */
  encoding?: "hex" | "base64";
  /** What stands before it, such as `sha256=`. */
  prefix?: string;
}

/** HMAC with a secret that a channel can name but never sees. */
export const secret: {
  sign(name: string, data: string | Uint8Array, options?: SignatureOptions): string;
  /** In constant time. What is no signature at all is not right. */
  verify(name: string, data: string | Uint8Array, signature: string | Uint8Array, options?: SignatureOptions): boolean;
};

/** The host refused a call. */
export class HostError extends Error {
  readonly what: "state" | "http" | "mail" | "secret";
  /** The contract's word. */
  readonly kind: string;
  readonly reason: string;
}
/** Not asked for in the manifest, or not granted by the operator. */
export class DeniedError extends HostError {}

// Text and bytes

/** What is not UTF-8 becomes U+FFFD. */
export const utf8: { encode(text: string): Uint8Array; decode(bytes: Uint8Array): string };
/** `null` when a text is none. */
export const hex: { encode(bytes: Uint8Array): string; decode(text: string): Uint8Array | null };
/** The URL-safe letters are read too. `null` when a text is none. */
export const base64: { encode(bytes: Uint8Array): string; decode(text: string): Uint8Array | null };
/** `application/x-www-form-urlencoded`. */
export const form: {
  encode(fields: Record<string, string> | [string, string][]): string;
  decode(text: string): [string, string][];
};
