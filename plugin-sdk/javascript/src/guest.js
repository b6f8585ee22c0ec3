// From a plugin to the functions its component exports. What a plugin throws goes to the operator's log first, with the
// line in the author's own file, and ends the call then.

import { begin } from "./moment.js";
import { brief, described } from "./fault.js";
import { connect, fresh, log } from "./host.js";

/** The exports of a plugin of this kind, which is what its manifest says. Runs while the component is built. */
export function exportsOf(plugin, kind, interfaces) {
  if (typeof plugin?.kind !== "string" || typeof plugin.exports !== "object") {
    throw new TypeError(`expected \`export default ${kind}(...)\`, got ${brief(plugin)}`);
  }
  if (plugin.kind !== kind) {
    throw new TypeError(`plugin.toml says kind = "${kind}", but the default export is a ${plugin.kind}`);
  }
  connect(interfaces);
  return guarded(plugin.exports);
}

function guarded(functions) {
  const entries = Object.entries(functions).map(([name, run]) => [name, guard(run)]);
  return Object.fromEntries(entries);
}

function guard(run) {
  return (input) => {
    fresh();
    begin(0, "");
    let result;
    try {
      result = run(input);
    } catch (thrown) {
      if (thrown instanceof Refusal) throw thrown.value;
      log.error(described(thrown));
      // An object would be read as the contract's own error: only an Error breaks the call off.
      throw thrown instanceof Error ? thrown : new Error(described(thrown));
    }
    return result;
  };
}

/** The contract's error of a function, on its way to the host. */
export class Refusal {
  constructor(value) {
    this.value = value;
  }
}

/** Refuses a promise: host calls need no `await`, and nobody would wait for it. */
export function settled(value, what) {
  if (typeof value?.then === "function") {
    throw new TypeError(`${what} returned a promise; write it without async, calls to the host need no await`);
  }
  return value;
}
