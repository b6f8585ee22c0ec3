// The table from built lines to the author's, and what stops a build.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { build } from "../src/build.js";
import { described } from "../src/fault.js";
import { exportsOf } from "../src/guest.js";
import { lineTable } from "../src/lines.js";
import { filter } from "../index.js";

test("a line of the built file leads to the author's file and line", () => {
  // Three built lines: one of the package, then lines 1 and 20 of the plugin.
  const map = { sources: ["/sdk/src/batch.js", "src/plugin.ts"], mappings: "AAAA;ACAA,SAAS;AAmBA" };
  assert.deepEqual(lineTable(map, "/project", "/sdk"), { files: ["", "src/plugin.ts"], lines: [0, [1, 1], [1, 20]] });
});

test("an error is told with the author's lines", () => {
  globalThis.__nightbell_lines = { files: ["src/plugin.js"], lines: [0, [0, 12], [0, 40]] };
  try {
    const error = new TypeError("no such thing");
    error.stack = "    at judge (component:2:5)\n    at eachOf (component:1:1)\n    at <anonymous> (component:3)\n    at native";
    assert.equal(described(error), "TypeError: no such thing at src/plugin.js:12 in judge < src/plugin.js:40");
  } finally {
    delete globalThis.__nightbell_lines;
  }
  assert.equal(described("text"), 'thrown: "text"');
});

test("a plugin of another kind than its manifest's is refused when it is built", () => {
  assert.throws(() => exportsOf(filter(() => null), "router", {}), /plugin.toml says kind = "router", but the default export is a filter/);
  assert.throws(() => exportsOf(() => null, "filter", {}), /expected `export default filter\(...\)`, got a function/);
});

test("what is missing is named", async () => {
  const project = fs.mkdtempSync(path.join(os.tmpdir(), "nightbell-"));
  try {
    await assert.rejects(build({ project }), /plugin.toml: expected the plugin's manifest/);
    fs.writeFileSync(path.join(project, "plugin.toml"), 'name = "x"\n[settings]\nkind = "filter"\n');
    await assert.rejects(build({ project }), /expected kind = "parser", "filter", "router" or "channel", got `none`/);
    fs.writeFileSync(path.join(project, "plugin.toml"), 'kind = "filter"\n');
    await assert.rejects(build({ project }), /expected src\/plugin.ts or src\/plugin.js/);
  } finally {
    fs.rmSync(project, { recursive: true });
  }
});
