// Is what a plugin answers well formed? A typing error in a name must not pass in silence.

import { brief } from "./fault.js";

/** Refuses names that nobody would read. */
export function known(value, names, what) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${what}: expected an object, got ${brief(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) {
      throw new TypeError(`${what}: unknown \`${name}\`, expected ${names.join(", ")}`);
    }
  }
  return value;
}

/** One of a few words; absent where there is a usual one. */
export function word(value, words, what, usual) {
  if (value === undefined || value === null) {
    if (usual !== undefined) return usual;
  } else if (words.includes(value)) {
    return value;
  }
  throw new TypeError(`${what}: expected ${words.join(", ")}, got ${brief(value)}`);
}

/** Text; absent stays absent. */
export function text(value, what) {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new TypeError(`${what}: expected text, got ${brief(value)}`);
}

/** Text that must be there. */
export function needed(value, what) {
  const given = text(value, what);
  if (given === undefined) throw new TypeError(`${what}: expected text, there is none`);
  return given;
}

/** An instant: milliseconds since the Unix epoch, or a Date; absent stays absent. */
export function instant(value, what) {
  if (value === undefined || value === null) return undefined;
  const at = value instanceof Date ? value.getTime() : value;
  if (typeof at !== "number" || !Number.isFinite(at)) {
    throw new TypeError(`${what}: expected milliseconds since the Unix epoch or a Date, got ${brief(value)}`);
  }
  return Math.trunc(at);
}

/** Names and values: an object, or a list of them where order or repetition matters. */
export function labels(value, what) {
  if (value === undefined || value === null) return [];
  const pairs = Array.isArray(value) ? value.map((label) => [label.name, label.value]) : Object.entries(value);
  return pairs.map(([name, content]) => {
    if (typeof name !== "string" || content === undefined || content === null || typeof content === "object") {
      throw new TypeError(`${what}: expected names and text, got ${brief({ [name]: content })}`);
    }
    return { name, value: String(content) };
  });
}

/** A list; absent is empty. */
export function list(value, what) {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`${what}: expected a list, got ${brief(value)}`);
  return value;
}

export const SEVERITIES = ["critical", "error", "warning", "info", "unknown"];
export const KINDS = ["trigger", "acknowledge", "resolve", "change"];
export const URGENCIES = ["high", "low"];
