// Prints {"file:line name": lines} of every function in the given files, by TypeScript's own parser.

const { readFileSync } = require("node:fs");
const ts = require("typescript");

/** @type {Record<string, number>} */
const lengths = {};

for (const file of process.argv.slice(2)) {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const line = (/** @type {number} */ position) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (/** @type {import("typescript").Node} */ node) => {
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      const first = line(node.getStart(source));
      const name = node.name ? node.name.getText(source) : "(anonymous)";
      lengths[`${file}:${first} ${name}`] = line(node.end) - first + 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

console.log(JSON.stringify(lengths));
