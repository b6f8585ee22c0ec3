// From a project's sources to a component: bundled into one file, with a table from its lines to the author's, snapshotted
// in a JavaScript engine, without any WASI import.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { lineTable } from "./lines.js";

const HERE = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What was asked for cannot be meant. */
export class UsageError extends Error {}

/** The world of each kind, the interface it exports, and what of the host it has. */
const WORLDS = {
  parser: { world: "parser", exports: "parsing", imports: ["log", "config"] },
  filter: { world: "filter-json", exports: "judgingJson", imports: ["log", "config", "state"] },
  router: { world: "router-json", exports: "routingJson", imports: ["log", "config", "state"] },
  channel: { world: "channel", exports: "delivery", imports: ["log", "config", "state", "http", "mail", "secret"] },
};

/** Builds; answers where the component lies, how large it is, its kind and the milliseconds it took. */
export async function build({ project = ".", source, out, wit } = {}) {
  const started = performance.now();
  const root = path.resolve(project);
  const kind = kindOf(path.join(root, "plugin.toml"));
  const entry = source === undefined ? found(root) : path.resolve(root, source);
  const file = path.resolve(root, out ?? "build/component.wasm");
  const contract = path.resolve(wit ?? path.join(HERE, "wit"));
  const code = await bundled(root, entry, kind, contract);
  const { componentize } = tool(root, "componentize-qjs");
  const { component } = await componentize({
    witPath: contract,
    world: WORLDS[kind].world,
    jsSource: code,
    stubWasi: true,
    sync: true,
  });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, component);
  return { out: file, bytes: component.length, kind, ms: performance.now() - started };
}

function found(root) {
  const names = ["src/plugin.ts", "src/plugin.js"];
  const there = names.map((name) => path.join(root, name)).find((file) => fs.existsSync(file));
  if (there === undefined) throw new Error(`no plugin in ${root}: expected ${names.join(" or ")}, or --source FILE`);
  return there;
}

/** The `kind` in the manifest's head. */
function kindOf(manifest) {
  let text;
  try {
    text = fs.readFileSync(manifest, "utf8");
  } catch {
    throw new Error(`${manifest}: expected the plugin's manifest, there is no such file`);
  }
  const head = text.split(/^\s*\[/m)[0];
  const kind = /^\s*kind\s*=\s*["']([a-z]+)["']/m.exec(head)?.[1];
  if (!(kind in WORLDS)) {
    throw new Error(`${manifest}: expected kind = "parser", "filter", "router" or "channel", got \`${kind ?? "none"}\``);
  }
  return kind;
}

/** Everything in one file, with this package's own code in front and the table of lines at the end. */
async function bundled(root, entry, kind, contract) {
  const esbuild = tool(root, "esbuild");
  const result = await esbuild.build({
    stdin: { contents: entryFor(entry, kind, contract), resolveDir: root, sourcefile: "nightbell:entry" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    charset: "utf8",
    legalComments: "none",
    sourcemap: "external",
    outfile: path.join(root, "component.js"),
    logLevel: "silent",
    external: ["nightbell:plugin/*"],
    plugins: [ownPackage],
  }).catch((error) => {
    throw new Error(messages(root, error));
  });
  const [map, code] = ["component.js.map", "component.js"].map((name) => result.outputFiles.find((made) => path.basename(made.path) === name).text);
  return `${code}\nglobalThis.__nightbell_lines = ${JSON.stringify(lineTable(JSON.parse(map), root, HERE))};\n`;
}

function entryFor(entry, kind, contract) {
  const { exports, imports } = WORLDS[kind];
  const version = versionOf(contract);
  return [
    `import "nightbell-plugin/prelude";`,
    `import { exportsOf } from "nightbell-plugin/guest";`,
    ...imports.map((name) => `import * as ${name}_ from "nightbell:plugin/${name}@${version}";`),
    `import plugin from ${JSON.stringify(entry)};`,
    `export const ${exports} = exportsOf(plugin, "${kind}", { ${imports.map((name) => `${name}: ${name}_`).join(", ")} });`,
  ].join("\n");
}

function versionOf(contract) {
  let text;
  try {
    text = fs.readFileSync(path.join(contract, "nightbell.wit"), "utf8");
  } catch {
    throw new Error(`${contract}: expected a folder with nightbell.wit`);
  }
  return /^package nightbell:plugin@([0-9.]+);/m.exec(text)[1];
}

/** The package that builds is the package that runs, wherever the project has its own. */
const ownPackage = {
  name: "nightbell-plugin",
  setup(builder) {
    builder.onResolve({ filter: /^nightbell-plugin(\/.*)?$/ }, ({ path: asked }) => {
      const { exports } = JSON.parse(fs.readFileSync(path.join(HERE, "package.json"), "utf8"));
      const named = exports[asked.replace(/^nightbell-plugin/, ".")];
      const file = named?.default ?? named;
      if (typeof file !== "string") return { errors: [{ text: `there is no ${asked}` }] };
      return { path: path.join(HERE, file) };
    });
  },
};

function messages(root, error) {
  if (!Array.isArray(error.errors)) return error.message;
  const lines = error.errors.map(({ text, location }) => {
    const where = location === null ? "" : `${path.relative(root, path.resolve(root, location.file))}:${location.line}:${location.column + 1}: `;
    return `${where}${text}`;
  });
  return lines.join("\n");
}

/** A tool of the project's own, else the one installed beside this package, else on NODE_PATH. */
function tool(root, name) {
  const from = [path.join(root, "package.json"), fileURLToPath(import.meta.url)];
  for (const place of from) {
    try {
      return createRequire(place)(name);
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new Error(`${name} is not installed: run npm install in ${root}`);
}
