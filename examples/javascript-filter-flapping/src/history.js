// When did an alert change between firing and resolved? Only the last changes that can still count are kept.

/** What was known before, and what the event adds; a repetition of the same state is no change. */
export function changed(before, firing, at, { changes, windowMs }) {
  const known = before?.at ?? [];
  const wasFiring = before?.firing ?? false;
  const now = firing === wasFiring ? known : [...known, at];
  return { firing, at: now.filter((moment) => moment > at - windowMs).slice(-changes) };
}
