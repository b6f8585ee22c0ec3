// A batch of events as JSON, one call of the plugin per event, and its answers as JSON.
// Each event brings its own time and its own random numbers: what came before it in the batch changes neither.

import { begin } from "./moment.js";
import { settled } from "./guest.js";

/** Asks about each event; `answer` makes the wire's form of what the plugin said. */
export function eachOf(text, ask, answer) {
  const answers = JSON.parse(text).map((wire, at) => {
    begin(wire.received_at, wire.integration, wire.dedup_key, wire.id);
    const event = eventOf(wire);
    const what = `event ${at + 1} (\`${brief(event.title)}\`)`;
    return answer(settled(ask(event), what), what);
  });
  return JSON.stringify(answers);
}

function brief(title) {
  return title.length > 40 ? `${title.slice(0, 37)}...` : title;
}

/** The wire's names are the contract's; JavaScript's are written together. */
function eventOf(wire) {
  return {
    id: wire.id,
    kind: wire.kind,
    integration: wire.integration,
    service: wire.service,
    dedupKey: wire.dedup_key,
    title: wire.title,
    severity: wire.severity,
    source: wire.source,
    receivedAt: wire.received_at,
    startsAt: wire.starts_at,
    expiresAt: wire.expires_at,
    labels: wire.labels,
    attributes: wire.attributes,
    links: wire.links,
    images: wire.images,
    details: wire.details,
  };
}
