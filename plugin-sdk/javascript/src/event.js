// An event as a parser writes it, with all that may be left out, and as the contract has it.

import * as check from "./check.js";

const FIELDS = [
  "kind",
  "dedupKey",
  "title",
  "severity",
  "startsAt",
  "expiresAt",
  "source",
  "links",
  "images",
  "labels",
  "details",
  "attributes",
];

/** The contract's record. */
export function eventToWire(event, what) {
  const given = check.known(event, FIELDS, what);
  return {
    kind: check.word(given.kind, check.KINDS, `${what}: kind`, "trigger"),
    dedupKey: check.text(given.dedupKey, `${what}: dedupKey`),
    title: check.needed(given.title, `${what}: title`),
    severity: check.word(given.severity, check.SEVERITIES, `${what}: severity`, "unknown"),
    startsAt: check.instant(given.startsAt, `${what}: startsAt`),
    expiresAt: check.instant(given.expiresAt, `${what}: expiresAt`),
    source: check.text(given.source, `${what}: source`) ?? "",
    links: check.list(given.links, `${what}: links`).map(({ href, text }) => ({ href, text: text ?? "" })),
    images: check.list(given.images, `${what}: images`).map(({ src, href, alt }) => ({ src, href: href ?? "", alt: alt ?? "" })),
    labels: check.labels(given.labels, `${what}: labels`),
    details: given.details === undefined || given.details === null ? "" : JSON.stringify(given.details),
    attributes: check.labels(given.attributes, `${what}: attributes`),
  };
}

/** The contract's record as a plugin reads it. */
export function eventOf(wire) {
  return {
    ...wire,
    dedupKey: wire.dedupKey ?? null,
    startsAt: number(wire.startsAt),
    expiresAt: number(wire.expiresAt),
    labels: Object.fromEntries(wire.labels.map(({ name, value }) => [name, value])),
    details: wire.details === "" ? null : JSON.parse(wire.details),
  };
}

function number(value) {
  return value === undefined || value === null ? null : Number(value);
}
