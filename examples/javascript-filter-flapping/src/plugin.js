// Does this alert flap? One that goes up and down all the time wakes people for nothing: after a few changes within the window
// it is suppressed for a while, and pages then only if it still fires.

import { filter, HostError, keep, log, settings, state, suppress } from "nightbell-plugin";
import { changed } from "./history.js";

export default filter((event) => {
  if (event.kind !== "trigger" && event.kind !== "resolve") return keep();
  const { changes = 4, window_s = 600, quiet_s = 900, jitter_s = 60 } = settings();
  const firing = event.kind === "trigger";
  const key = `${event.integration}/${event.dedupKey}`;

  const history = remembered(key, (before) =>
    changed(before, firing, event.receivedAt, { changes, windowMs: window_s * 1000 }), window_s);
  if (!firing || history.at.length < changes) return keep();
  const wait = quiet_s + Math.floor(Math.random() * (jitter_s + 1));
  log.debug(`${key} flaps`);
  return suppress(`flapping: ${changes} changes within ${Math.round(window_s / 60)} min`, {
    until: Date.now() + wait * 1000,
  });
});

/** What is known of an alert from now on. Without room for it (too many alerts, too long a key) the alert is not judged. */
function remembered(key, next, ttlS) {
  try {
    const history = next(state.getJson(key));
    state.setJson(key, history, { ttlS });
    return history;
  } catch (error) {
    if (!(error instanceof HostError) || error.kind !== "quota") throw error;
    log.warn(error.message);
    return { at: [] };
  }
}
