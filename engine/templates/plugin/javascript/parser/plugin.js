// Reads the reports of a monitor that says which check is down or up.

import { parser, ParseError, settings } from "nightbell-plugin";

export default parser((payload) => {
  const { check, state, message = "" } = payload.json();
  if (typeof check !== "string") throw new ParseError("body: expected a text `check`");
  if (state !== "down" && state !== "up") throw new ParseError("body: expected a `state` of down or up");
  const down = state === "down";
  const { dashboard } = settings();
  return [
    {
      kind: down ? "trigger" : "resolve",
      title: down ? `${check} is down: ${message}` : `${check} is up`,
      severity: down ? "critical" : "unknown",
      source: check,
      // The same for the problem and its end: that is how the one resolves the other.
      dedupKey: check,
      links: down && dashboard ? [{ href: `${dashboard}/checks/${check}`, text: "Dashboard" }] : [],
    },
  ];
});
