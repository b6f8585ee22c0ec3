// What a plugin imports: the four kinds, what they answer, and what the host offers.
// Types and documentation stand in index.d.ts.

export { filter, keep, drop, suppress, modify } from "./src/filter.js";
export { router } from "./src/router.js";
export { parser, ParseError, reply } from "./src/parser.js";
export { channel, accepted, delivered, answer, Failure } from "./src/channel.js";
export { settings, log, state, http, mail, secret } from "./src/host.js";
export { HostError, DeniedError } from "./src/fault.js";
export { utf8, hex, base64, form } from "./src/text.js";
