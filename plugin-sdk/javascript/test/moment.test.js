// The same event, the same time and the same random numbers, whatever came before it.
import assert from "node:assert/strict";
import test from "node:test";
import { drop, filter } from "../index.js";
import { fakeHost, judge } from "../testing.js";

const drawn = filter((event) => drop(`${Math.random()} ${Math.random()} ${Date.now()} ${new Date().toISOString()} ${event.title}`));

test("a draw depends on the event alone", () => {
  fakeHost();
  const events = [
    { id: 7, integration: "a", dedupKey: "x", receivedAt: 1_000 },
    { id: 8, integration: "a", dedupKey: "y", receivedAt: 2_000 },
  ];
  const together = judge(drawn, events);
  assert.deepEqual(judge(drawn, [events[1]]), [together[1]]);
  assert.deepEqual(judge(drawn, [...events].reverse()), [...together].reverse());
  assert.notEqual(together[0].reason.split(" ")[0], together[1].reason.split(" ")[0]);
  assert.match(together[1].reason, / 2000 1970-01-01T00:00:02.000Z test$/);
});

test("the draw of an event never changes", () => {
  fakeHost();
  const [verdict] = judge(drawn, [{ id: 1, integration: "shop", dedupKey: "disk", receivedAt: 0 }]);
  const [first, second] = verdict.reason.split(" ").map(Number);
  // A replay of today's journal must come out the same with tomorrow's build.
  assert.deepEqual([first, second], [0.916376079132526, 0.9989713116869863]);
});

test("draws are spread evenly", () => {
  fakeHost();
  const sample = filter(() => drop(String(Math.random())));
  const events = Array.from({ length: 4_000 }, (_, id) => ({ id, dedupKey: "same" }));
  const draws = judge(sample, events).map(({ reason }) => Number(reason));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  assert.ok(mean > 0.47 && mean < 0.53, `mean ${mean}`);
  assert.ok(draws.every((draw) => draw >= 0 && draw < 1));
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const count = draws.filter((draw) => Math.floor(draw * 10) === tenth).length;
    assert.ok(count > 320 && count < 480, `tenth ${tenth}: ${count}`);
  }
});

test("a date is one in every form", () => {
  fakeHost();
  const dates = filter(() => {
    assert.ok(new Date() instanceof Date);
    assert.ok(new Date(5) instanceof Date);
    assert.equal(new Date().constructor, Date);
    assert.equal(Date.UTC(1970, 0, 2), 86_400_000);
    assert.match(Date(), /1970/);
    return drop(String(new Date(2026, 0, 5).getFullYear()));
  });
  assert.equal(judge(dates, [{ receivedAt: 0 }])[0].reason, "2026");
});
