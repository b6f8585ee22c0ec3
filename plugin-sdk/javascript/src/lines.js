// Which line of the author's does a line of the built file come from? A source map, reduced to that: the component carries
// it, so that the operator's log names the author's own file and line.

import path from "node:path";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `{ files, lines }`: for each line built, 0 or [file's position, line]. Lines of the package itself have none. */
export function lineTable(map, root, own) {
  const kept = map.sources.map((source) => shown(source, root, own));
  const lines = [];
  let file = 0;
  let line = 0;
  for (const built of map.mappings.split(";")) {
    let entry = 0;
    for (const segment of built === "" ? [] : built.split(",")) {
      const [, fileStep, lineStep] = numbers(segment);
      if (fileStep === undefined) continue;
      file += fileStep;
      line += lineStep;
      entry ||= kept[file] === null ? 0 : [file, line + 1];
    }
    lines.push(entry);
  }
  return { files: kept.map((name) => name ?? ""), lines };
}

/** A source's name for people; `null` for this package's and for what no author wrote. */
function shown(source, root, own) {
  if (source.startsWith("nightbell:")) return null;
  const file = path.resolve(root, source);
  const inside = path.relative(own, file);
  if (!inside.startsWith("..") && !path.isAbsolute(inside) && inside.startsWith("src")) return null;
  return path.relative(root, file).split(path.sep).join("/");
}

/** The numbers of one segment, written in base 64 with the sign in the lowest bit. */
function numbers(segment) {
  const found = [];
  let value = 0;
  let shift = 0;
  for (const letter of segment) {
    const digit = LETTERS.indexOf(letter);
    value += (digit & 31) * 2 ** shift;
    shift += 5;
    if (digit & 32) continue;
    found.push(value % 2 === 1 ? -((value - 1) / 2) : value / 2);
    value = 0;
    shift = 0;
  }
  return found;
}
