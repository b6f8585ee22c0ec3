// Routers: whose is this event, and how loud? One decision per event; saying nothing leaves it to the next router.

import { brief } from "./fault.js";
import { eachOf } from "./batch.js";
import * as check from "./check.js";

/** Makes a router of a function from an event to a decision. */
export function router(route) {
  if (typeof route !== "function") throw new TypeError(`router: expected a function, got ${brief(route)}`);
  return { kind: "router", exports: { route: (events) => eachOf(events, route, decision) } };
}

const FIELDS = ["service", "escalationPolicy", "urgency", "priority", "groupKey"];

function decision(said, what) {
  if (said === undefined || said === null) return null;
  const given = check.known(said, FIELDS, what);
  const { urgency } = given;
  return {
    service: check.text(given.service, `${what}: service`),
    escalation_policy: check.text(given.escalationPolicy, `${what}: escalationPolicy`),
    urgency: urgency === undefined || urgency === null ? undefined : check.word(urgency, check.URGENCIES, `${what}: urgency`),
    priority: check.text(given.priority, `${what}: priority`),
    group_key: check.text(given.groupKey, `${what}: groupKey`),
  };
}
