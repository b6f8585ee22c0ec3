// Filters: does this event matter? One verdict per event; saying nothing keeps it.

import { brief } from "./fault.js";
import { eachOf } from "./batch.js";
import * as check from "./check.js";

/** Makes a filter of a function from an event to a verdict. */
export function filter(judge) {
  if (typeof judge !== "function") throw new TypeError(`filter: expected a function, got ${brief(judge)}`);
  return { kind: "filter", exports: { judge: (events) => eachOf(events, judge, verdict) } };
}

const KEEP = new (class Keep {
  verdict = "keep";
})();

class Verdict {
  constructor(wire) {
    this.wire = wire;
  }
}

/** The event goes on as it is. */
export function keep() {
  return KEEP;
}

/** The event is recorded with this reason, and nothing else happens. */
export function drop(reason) {
  return new Verdict({ verdict: "drop", reason: check.needed(reason, "drop: reason") });
}

/** The alert fires, and nobody is paged until then (or until it is kept). */
export function suppress(reason, options = {}) {
  check.known(options, ["until"], "suppress");
  const until = check.instant(options.until, "suppress: until");
  return new Verdict({ verdict: "suppress", reason: check.needed(reason, "suppress: reason"), until });
}

const CHANGES = [
  "title",
  "severity",
  "source",
  "details",
  "expiresAt",
  "setLabels",
  "removeLabels",
  "setAttributes",
  "removeAttributes",
  "addLinks",
];

/** The event goes on with these changes. Its kind, integration and dedup key stay what they are. */
export function modify(changes) {
  const given = check.known(changes, CHANGES, "modify");
  const severity = given.severity === undefined ? undefined : check.word(given.severity, check.SEVERITIES, "modify: severity");
  return new Verdict({
    verdict: "modify",
    title: check.text(given.title, "modify: title"),
    severity,
    source: check.text(given.source, "modify: source"),
    details: given.details,
    expires_at: check.instant(given.expiresAt, "modify: expiresAt"),
    set_labels: object(check.labels(given.setLabels, "modify: setLabels")),
    remove_labels: check.list(given.removeLabels, "modify: removeLabels"),
    set_attributes: object(check.labels(given.setAttributes, "modify: setAttributes")),
    remove_attributes: check.list(given.removeAttributes, "modify: removeAttributes"),
    add_links: check.list(given.addLinks, "modify: addLinks").map(({ href, text }) => ({ href, text: text ?? "" })),
  });
}

function object(labels) {
  return Object.fromEntries(labels.map(({ name, value }) => [name, value]));
}

function verdict(said, what) {
  if (said === undefined || said === null) return KEEP;
  if (said === KEEP) return KEEP;
  if (said instanceof Verdict) return said.wire;
  throw new TypeError(`${what}: expected keep(), drop(), suppress() or modify(), got ${brief(said)}`);
}
