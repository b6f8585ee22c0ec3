/**
 * A plugin's own tests, without an engine: `node --test`. Importing this gives the test's process what a component has: a
 * `Date` and a `Math.random()` that follow the event.
 */
import type { Event, Json, Notification, Payload, Plugin } from "./index.js";

/** What the host answers to one request or mail: in the order of the calls. */
export interface HttpAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Or: `denied`, `invalid`, `timeout`, `connect`, `too-large`. */
  error?: string;
  message?: string;
}
export interface MailAnswer {
  id?: string;
  /** Or: `denied`, `invalid`, `transient`, `permanent`. */
  error?: string;
  message?: string;
}

/** What the plugin did to the host. */
export interface FakeHost {
  readonly log: { level: string; message: string }[];
  readonly http: { method: string; url: string; headers: { name: string; value: string }[]; body: string }[];
  readonly mail: { subject: string; text: string; html?: string; thread?: string }[];
  readonly ttl: Record<string, number | undefined>;
  /** The whole state, as text. */
  readonly state: Record<string, string>;
}

/** A host of this test's own, until the next one is made. HMACs are real. */
export function fakeHost(given?: {
  settings?: Record<string, Json>;
  state?: Record<string, string>;
  secrets?: Record<string, string>;
  http?: HttpAnswer[];
  mail?: MailAnswer[];
}): FakeHost;

/** One verdict per event, as the engine reads it. */
export function judge(plugin: Plugin, events: Partial<Event>[]): Record<string, Json>[];
/** One decision per event, or `null`. */
export function route(plugin: Plugin, events: Partial<Event>[]): (Record<string, Json> | null)[];

type Body = string | Uint8Array;
type PayloadInput = Partial<Omit<Payload, "body" | "headers" | "attachments">> & {
  body?: Body;
  headers?: Record<string, string>;
  attachments?: { name?: string; contentType?: string; body?: Body }[];
};

/** The contract's `{ events, reply, rejected }`; throws its `{ message, reply }`. */
export function parse(plugin: Plugin, payload?: PayloadInput): any;
/** The contract's receipt; throws its `{ kind, message, retryAfterS }`. */
export function deliver(plugin: Plugin, notification?: Partial<Notification>): any;
/** The contract's answer; throws its failure. */
export function callback(plugin: Plugin, request?: { body?: Body; headers?: Record<string, string>; url?: string }): any;
/** The address in its usual form; throws what is wrong with it. */
export function validate(plugin: Plugin, address: string): string;
