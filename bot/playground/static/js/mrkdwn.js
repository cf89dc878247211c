// Slack's mrkdwn as nodes: https://docs.slack.dev/messaging/formatting-message-text

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { decode, reference } from "./references.js";

const STYLES = new Map([
  ["*", "strong"],
  ["_", "em"],
  ["~", "s"],
]);
const MAX_DEPTH = 6;
const WORD = /[\p{L}\p{N}_]/u;
const QUOTE = /^(?:&gt;|>) ?/;
const QUOTE_REST = /^(?:&gt;|>){3} ?/;
const BULLET = /^(\s*)([•◦▪‣])\s+/;

/** A message's text as a list of nodes. */
export function mrkdwn(text, workspace) {
  const found = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("```", at);
    const close = open < 0 ? -1 : text.indexOf("```", open + 3);
    if (close < 0) break;
    found.push(...lines(text.slice(at, open).replace(/\n$/, ""), workspace));
    found.push(h("pre", {}, decode(text.slice(open + 3, close).replace(/^\n|\n$/g, ""))));
    at = close + 3;
    if (text[at] === "\n") at += 1;
  }
  found.push(...lines(text.slice(at), workspace));
  return found;
}

function lines(text, workspace) {
  if (!text) return [];
  const found = [];
  const all = text.split("\n");
  let plain = []; // the lines of the paragraph that is being read
  const endParagraph = () => {
    if (plain.length) found.push(h("div", { class: "text" }, joined(plain, workspace)));
    plain = [];
  };
  for (let number = 0; number < all.length; number += 1) {
    const line = all[number];
    const bullet = BULLET.exec(line);
    if (QUOTE.test(line)) {
      endParagraph();
      const quoted = [];
      const rest = QUOTE_REST.test(line);
      if (rest) quoted.push(line.replace(QUOTE_REST, ""), ...all.slice(number + 1));
      else while (number < all.length && QUOTE.test(all[number])) quoted.push(all[number++].replace(QUOTE, ""));
      found.push(h("blockquote", {}, joined(quoted, workspace)));
      if (rest) return found;
      number -= 1;
    } else if (bullet) {
      endParagraph();
      const item = inline(line.slice(bullet[0].length), workspace);
      found.push(h("div", { class: "bullet", data: { sign: bullet[2] } }, item));
    } else {
      plain.push(line);
    }
  }
  endParagraph();
  return found;
}

function joined(all, workspace) {
  return all.flatMap((line, number) => [number ? "\n" : "", ...inline(line, workspace)]);
}

/**
 * One line: styles, code, references, emoji. Linear in its length: a sign whose partner was looked
 * for in vain is not looked for again, and styles nest `MAX_DEPTH` deep.
 */
export function inline(line, workspace, depth = 0) {
  const found = [];
  const hopeless = new Set();
  let from = 0;
  let at = 0;
  const endText = () => at > from && found.push(withEmoji(decode(line.slice(from, at))));
  while (at < line.length) {
    const part = hopeless.has(line[at]) ? null : partAt(line, at, workspace, depth, hopeless);
    if (part) {
      endText();
      found.push(part.node);
      at = part.end;
      from = at;
    } else {
      at += 1;
    }
  }
  endText();
  return found;
}

function partAt(line, at, workspace, depth, hopeless) {
  const sign = line[at];
  if (sign === "<") return enclosed(line, at, ">", hopeless, (body) => reference(body, workspace));
  if (sign === "`") return enclosed(line, at, "`", hopeless, (body) => h("code", {}, decode(body)));
  const tag = STYLES.get(sign);
  return tag && depth < MAX_DEPTH ? styled(line, at, tag, workspace, depth, hopeless) : null;
}

function enclosed(line, at, closing, hopeless, made) {
  const end = line.indexOf(closing, at + 1);
  if (end < 0) hopeless.add(line[at]);
  return end > at + 1 ? { node: made(line.slice(at + 1, end)), end: end + 1 } : null;
}

function styled(line, at, tag, workspace, depth, hopeless) {
  const sign = line[at];
  if (isWord(line[at - 1]) || isSpace(line[at + 1]) || line[at + 1] === sign) return null;
  let end = line.indexOf(sign, at + 1);
  while (end >= 0 && (isSpace(line[end - 1]) || isWord(line[end + 1]))) end = line.indexOf(sign, end + 1);
  if (end < 0) {
    hopeless.add(sign);
    return null;
  }
  return { node: h(tag, {}, inline(line.slice(at + 1, end), workspace, depth + 1)), end: end + 1 };
}

function isWord(sign) {
  return sign !== undefined && WORD.test(sign);
}

function isSpace(sign) {
  return sign === undefined || /\s/.test(sign);
}
