// The `markdown` block: ordinary Markdown, as far as answers use it. Anything else stays as written.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { link } from "./references.js";
import { beginsTable, cellsOf, sidesOf, table } from "./table.js";

const FENCE = /^\s*```/;
const HEADING = /^(#{1,6})\s+(.+)$/;
const ITEM = /^(\s*)(?:[-*+]|(\d{1,6})[.)])\s+(.*)$/;
const QUOTE = /^>\s?/;
const RULE = /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/;
const MAX_DEPTH = 6;
const STYLES = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "s"],
  ["*", "em"],
  ["_", "em"],
];

/** Markdown as a list of nodes. */
export function markdown(text, depth = 0) {
  const found = [];
  const lines = text.split("\n");
  const takeWhile = (from, test) => {
    let end = from;
    while (end < lines.length && test(lines[end])) end += 1;
    return lines.slice(from, end);
  };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    let taken = [line];
    const heading = HEADING.exec(line);
    if (FENCE.test(line)) {
      const body = takeWhile(at + 1, (next) => !FENCE.test(next));
      found.push(h("pre", {}, body.join("\n")));
      taken = [line, ...body, ""];
    } else if (heading) {
      found.push(h("div", { class: "heading", role: "heading", "aria-level": 3 }, spans(heading[2])));
    } else if (RULE.test(line)) {
      found.push(h("hr"));
    } else if (QUOTE.test(line) && depth < MAX_DEPTH) {
      taken = takeWhile(at, (next) => QUOTE.test(next));
      const inner = taken.map((next) => next.replace(QUOTE, "")).join("\n");
      found.push(h("blockquote", {}, markdown(inner, depth + 1)));
    } else if (ITEM.test(line)) {
      taken = takeWhile(at, (next) => ITEM.test(next));
      found.push(list(taken));
    } else if (beginsTable(line, lines[at + 1])) {
      taken = [line, lines[at + 1], ...takeWhile(at + 2, (next) => next.includes("|"))];
      const rows = taken.filter((_, number) => number !== 1).map(cellsOf);
      found.push(table(rows.map((row) => row.map((cell) => spans(cell))), sidesOf(taken[1])));
    } else if (line.trim()) {
      const rest = takeWhile(at + 1, isParagraph);
      const tableAt = rest.findIndex((next, number) => beginsTable(next, rest[number + 1]));
      taken = [line, ...(tableAt < 0 ? rest : rest.slice(0, tableAt))];
      found.push(h("p", {}, spans(taken.join("\n"))));
    }
    at += taken.length || 1;
  }
  return found;
}

function isParagraph(line) {
  return line.trim() !== "" && ![FENCE, HEADING, RULE, QUOTE, ITEM].some((other) => other.test(line));
}

function list(lines) {
  const items = lines.map((line) => ITEM.exec(line));
  const ordered = items[0][2] !== undefined;
  const start = ordered ? items[0][2] : null;
  return h(
    ordered ? "ol" : "ul",
    { start },
    items.map(([, indent, , text]) => h("li", { class: indent.length > 1 ? "nested" : null }, spans(text))),
  );
}

function spans(text, depth = 0) {
  const found = [];
  const hopeless = new Set();
  let plain = "";
  const endText = () => {
    if (plain) found.push(withEmoji(plain));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    if (text[at] === "\\" && /[\\`*_~[\]<>#-]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const part = depth < MAX_DEPTH ? partAt(text, at, depth, hopeless) : null;
    if (part) {
      endText();
      found.push(part.node);
      at = part.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  endText();
  return found;
}

function partAt(text, at, depth, hopeless) {
  if (text[at] === "`") {
    const end = closing(text, "`", at + 1, hopeless);
    return end < 0 ? null : { node: h("code", {}, text.slice(at + 1, end)), end: end + 1 };
  }
  if (text[at] === "[" || text[at] === "<") {
    const rest = text.slice(at, at + 4_000); // an address is at most 3,000 characters long
    const named = /^\[([^\][\n]{1,900})\]\(([^()\s]{1,3000})\)/.exec(rest);
    if (named) return { node: link(named[2], spans(named[1], depth + 1)), end: at + named[0].length };
    const bare = /^<(https?:[^<>\s]{1,3000})>/.exec(rest);
    return bare ? { node: link(bare[1], bare[1]), end: at + bare[0].length } : null;
  }
  for (const [sign, tag] of STYLES) {
    if (!text.startsWith(sign, at)) continue;
    const inWord = sign[0] === "_" && /\w/.test(text[at - 1] ?? "");
    if (inWord || /^\s?$/.test(text[at + sign.length] ?? "")) return null;
    const end = closing(text, sign, at + sign.length, hopeless);
    if (end < 0) continue;
    const inner = text.slice(at + sign.length, end);
    return { node: h(tag, {}, spans(inner, depth + 1)), end: end + sign.length };
  }
  return null;
}

/** Where a sign's partner is, or -1; once looked for in vain it isn't looked for again. */
function closing(text, sign, from, hopeless) {
  const end = hopeless.has(sign) ? -1 : text.indexOf(sign, from);
  if (end < 0) hopeless.add(sign);
  return end > from ? end : -1;
}
