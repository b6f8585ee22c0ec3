// What the declarations allow, and what they refuse: `tsc` reads it, nothing runs it. Every `@ts-expect-error` must be one,
// else the line below it is allowed and should not be.

import {
  accepted, answer, channel, drop, Failure, filter, http, keep, log, modify, ParseError, parser, reply, router, secret, settings, state, suppress,
  type Decision, type Event, type NewEvent, type Notification, type Plugin,
} from "nightbell-plugin";
import { fakeHost, judge, parse } from "nightbell-plugin/testing";

const filters: Plugin[] = [
  filter(() => keep()),
  filter(() => {}),
  filter(() => null),
  filter((event: Event) => (event.severity === "info" ? drop("noise") : undefined)),
  filter((event) => suppress("night", { until: new Date(event.receivedAt + 1) })),
  filter((event) => modify({ title: event.title, details: null, setLabels: { team: "ops", tries: 2 }, addLinks: [{ href: "https://x" }] })),
  // @ts-expect-error: a filter says nothing of a service
  filter(() => ({ service: "shop" })),
  // @ts-expect-error: a reason is needed
  filter(() => drop()),
  // @ts-expect-error: no such severity
  filter(() => modify({ severity: "loud" })),
  // @ts-expect-error: a plugin does not wait
  filter(async () => keep()),
];

const routers: Plugin[] = [
  router(() => ({ service: "shop", urgency: "low", groupKey: null })),
  router((event): Decision | null => (event.labels.team ? { service: event.labels.team } : null)),
  // @ts-expect-error: no such urgency
  router(() => ({ urgency: "medium" })),
  // @ts-expect-error: a verdict is no decision
  router(() => keep()),
];

const event: NewEvent = { title: "disk full", kind: "trigger", startsAt: new Date(0), labels: [{ name: "a", value: "b" }] };
// @ts-expect-error: an event has a title
const untitled: NewEvent = { kind: "resolve" };

const parsers: Plugin[] = [
  parser((payload) => [{ ...event, source: payload.header("x-host") ?? payload.integration }]),
  parser({ parse: () => ({ events: [event, untitled], reply: reply(202, { ok: true }), rejected: ["line 3"] }) }),
  parser(() => { throw new ParseError("no `host`", { reply: reply(422) }); }),
  // @ts-expect-error: a list, not one event
  parser(() => event),
];

const channels: Plugin[] = [
  channel({
    deliver(notification: Notification) {
      const { token_name = "token" } = settings<{ token_name?: string }>();
      const response = http.post("https://api.example.org", { json: { text: notification.incident.title, secret: token_name } });
      if (response.status === 429) throw Failure.transient("busy", { retryAfterS: 30 });
      return accepted({ id: response.header("x-id"), thread: notification.thread });
    },
    callback: (request) => (secret.verify("key", request.body, "00") ? answer("snooze", { seconds: 60 }) : answer("nothing", { status: 403 })),
    validate: (address) => address.trim(),
  }),
  // @ts-expect-error: a channel delivers
  channel({ validate: (address) => address }),
  // @ts-expect-error: how long?
  channel({ deliver() {}, callback: () => answer("snooze") }),
];

state.setJson("n", { count: 1 }, { ttlS: 60 });
const count: number | undefined = state.getJson<{ count: number }>("n")?.count;
log.info(`${count}`);
// @ts-expect-error: text, not a number
state.set("n", 1);

const host = fakeHost({ settings: { muted: ["a"] } });
judge(filters[0], [{ title: "x" }]);
parse(parsers[0], { body: "{}", headers: { "x-host": "db1" } });
export default [host.log.length, routers, channels];
