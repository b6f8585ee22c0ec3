import assert from "node:assert/strict";
import test from "node:test";
import { fakeHost, judge } from "nightbell-plugin/testing";
import flapping from "../src/plugin.js";

const MINUTE = 60_000;

function events(kinds, every = MINUTE) {
  return kinds.map((kind, at) => ({ kind, dedupKey: "disk", receivedAt: at * every }));
}

test("the fourth change within the window is suppressed, with a reason", () => {
  fakeHost({ settings: { jitter_s: 0 } });
  const verdicts = judge(flapping, events(["trigger", "resolve", "trigger", "resolve", "trigger"]));
  assert.deepEqual(verdicts.map(({ verdict }) => verdict), ["keep", "keep", "keep", "keep", "suppress"]);
  assert.equal(verdicts[4].reason, "flapping: 4 changes within 10 min");
  assert.equal(verdicts[4].until, 4 * MINUTE + 900_000);
});

test("repetitions are no changes, and slow changes are no flapping", () => {
  fakeHost();
  const repeated = judge(flapping, events(Array(10).fill("trigger")));
  assert.ok(repeated.every(({ verdict }) => verdict === "keep"));
  fakeHost();
  const slow = judge(flapping, events(["trigger", "resolve", "trigger", "resolve", "trigger"], 5 * MINUTE));
  assert.ok(slow.every(({ verdict }) => verdict === "keep"));
});

test("the state stays small and ends by itself", () => {
  const host = fakeHost({ settings: { changes: 3, window_s: 60 } });
  judge(flapping, events(Array.from({ length: 50 }, (_, at) => (at % 2 ? "resolve" : "trigger")), 1_000));
  assert.equal(JSON.parse(host.state["test/disk"]).at.length, 3);
  assert.equal(host.ttl["test/disk"], 60);
});
