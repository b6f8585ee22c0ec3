// What goes wrong: refusals of the host as errors a plugin can catch, and mistakes of the plugin as one line that says
// where.

/** The host refused a call. `kind` is the contract's word for it. */
export class HostError extends Error {
  constructor(what, kind, reason) {
    super(`${what}: ${kind}: ${reason}`);
    this.name = "HostError";
    this.what = what;
    this.kind = kind;
    this.reason = reason;
  }
}

/** Not asked for in the manifest, or not granted by the operator. */
export class DeniedError extends HostError {
  constructor(what, reason) {
    super(what, "denied", reason);
    this.name = "DeniedError";
  }
}

/** Calls the host and turns the contract's error into an Error. */
export function asked(what, call) {
  try {
    return call();
  } catch (thrown) {
    const refusal = thrown?.payload ?? thrown;
    if (typeof refusal?.tag !== "string") throw thrown;
    const reason = String(refusal.val ?? "");
    throw refusal.tag === "denied" ? new DeniedError(what, reason) : new HostError(what, refusal.tag, reason);
  }
}

/** An error in one line: what, where, and by which way it came there. */
export function described(thrown) {
  if (!(thrown instanceof Error)) return `thrown: ${brief(thrown)}`;
  const frames = places(thrown.stack ?? "");
  const way = frames.length === 0 ? "" : ` at ${frames.join(" < ")}`;
  return `${thrown.name}: ${thrown.message}${way}`;
}

/** A value as it may stand in a message. */
export function brief(value) {
  let text;
  try {
    text = typeof value === "function" ? "a function" : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

const FRAMES = 4;

/** The innermost places of a stack in the plugin's own files, as the author knows them. */
function places(stack) {
  const found = [];
  for (const line of stack.split("\n")) {
    const match = /^\s*at (?:(.*?) \()?(.*?):(\d+)(?::(\d+))?\)?$/.exec(line);
    if (match === null) continue;
    const place = source(match[2], Number(match[3]));
    if (place === null) continue;
    const name = match[1] && match[1] !== "<anonymous>" ? ` in ${match[1]}` : "";
    found.push(`${place}${name}`);
    if (found.length === FRAMES) break;
  }
  return found;
}

/** A line of the built file as a line of the source; `null` for lines of this package. */
function source(file, line) {
  const table = globalThis.__nightbell_lines;
  if (table === undefined) return /[/\\]nightbell-plugin[/\\]|node:|plugin-sdk[/\\]javascript[/\\]src/.test(file) ? null : `${file}:${line}`;
  const entry = table.lines[line - 1];
  return entry ? `${table.files[entry[0]]}:${entry[1]}` : null;
}
