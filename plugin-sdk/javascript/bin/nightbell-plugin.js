#!/usr/bin/env node
// The command: `nightbell-plugin build`.

import { build, UsageError } from "../src/build.js";

const USAGE = `usage: nightbell-plugin build [--project DIR] [--source FILE] [--out FILE] [--wit DIR]

Builds the plugin of a project (default: this folder) into a component (default: build/component.wasm).
The kind is what plugin.toml says; the source is src/plugin.js or src/plugin.ts. \`nightbell plugin build\` calls this and
packs the component with its manifest.
`;

const [command, ...rest] = process.argv.slice(2);
try {
  if (command === "help" || command === "--help") {
    process.stdout.write(USAGE);
  } else if (command !== "build") {
    throw new UsageError(command === undefined ? "a command is missing" : `unknown command \`${command}\``);
  } else {
    const { out, bytes, kind, ms } = await build(options(rest));
    process.stderr.write(`${kind}: ${out} (${(bytes / 1024 / 1024).toFixed(1)} MiB, ${(ms / 1000).toFixed(1)} s)\n`);
  }
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(`error: ${error.message}\n${usage ? `\n${USAGE}` : ""}`);
  process.exitCode = usage ? 2 : 1;
}

function options(words) {
  const given = {};
  for (let at = 0; at < words.length; at += 2) {
    const name = /^--(project|source|out|wit)$/.exec(words[at])?.[1];
    if (name === undefined) throw new UsageError(`unknown option \`${words[at]}\``);
    if (words[at + 1] === undefined) throw new UsageError(`\`${words[at]}\` needs a value`);
    given[name] = words[at + 1];
  }
  return given;
}
