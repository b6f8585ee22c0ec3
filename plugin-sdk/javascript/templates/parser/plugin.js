import { parser, ParseError } from "nightbell-plugin";

// Bytes in, events out, while the sender waits.
export default parser((payload) => {
  const ping = payload.json();
  if (typeof ping.host !== "string") throw new ParseError("host: expected text");
  return [
    {
      kind: ping.up ? "resolve" : "trigger",
      title: `${ping.host} is ${ping.up ? "up" : "down"}`,
      // The same for the problem and its recovery.
      dedupKey: ping.host,
      severity: "critical",
      source: ping.host,
    },
  ];
});
