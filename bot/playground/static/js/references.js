// Links and mentions: what a message points at.

import { h } from "./dom.js";
import { slackDate } from "./times.js";
import { hashOf, routeOf } from "./route.js";

const SAFE = new Set(["http:", "https:", "mailto:"]);

/** Slack's three entities as characters; there are no others. */
export function decode(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** A link; into the playground it stays on the page. An address that isn't http(s) or mail is only shown. */
export function link(address, ...label) {
  let url;
  try {
    url = new URL(address, location.origin);
  } catch {
    url = null;
  }
  if (!url || !SAFE.has(url.protocol)) return h("span", {}, label);
  const route = routeOf(url);
  if (route) return h("a", { href: hashOf(route), data: { route: "" } }, label);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** `@Alice Okafor`. */
export function userMention(workspace, id) {
  const mine = id === workspace.me ? " mine" : "";
  return h("span", { class: `mention${mine}` }, `@${workspace.userName(id)}`);
}

/** `#ops` as a link, or words for a channel that this person can't see. */
export function channelMention(workspace, id, label = "") {
  const channel = workspace.channels.get(id);
  if (!channel) return h("span", { class: "mention" }, label ? `#${label}` : "a private channel");
  const name = channel.is_im ? channel.name : `#${channel.name}`;
  return h("a", { class: "mention", href: hashOf({ channel: id }), data: { route: "" } }, name);
}

/** What stands between `<` and `>` in mrkdwn, as a node. */
export function reference(body, workspace) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? "" : decode(body.slice(bar + 1));
  const rest = target.slice(1);
  switch (target[0]) {
    case "@":
      return userMention(workspace, rest);
    case "#":
      return channelMention(workspace, rest, label);
    case "!":
      return special(rest, label);
    default:
      return link(decode(target), label || decode(target));
  }
}

function special(target, label) {
  const [what, seconds, pattern, address] = target.split("^");
  if (what === "date" && pattern) {
    const shown = h("time", {}, slackDate(Number(seconds), decode(pattern), label));
    return address ? link(decode(address), shown) : shown;
  }
  return h("span", { class: "mention" }, label || `@${what}`);
}
