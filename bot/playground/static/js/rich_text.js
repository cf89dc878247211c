// The `rich_text` block: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { h } from "./dom.js";
import { emojiNamed } from "./emoji.js";
import { channelMention, link, userMention } from "./references.js";
import { slackDate } from "./times.js";

const TAGS = [
  ["code", "code"],
  ["strike", "s"],
  ["italic", "em"],
  ["bold", "strong"],
];

/** A rich_text block as a list of nodes. */
export function richText(block, workspace) {
  return list(block.elements).map((element) => part(element, workspace));
}

function part(element, workspace) {
  switch (element.type) {
    case "rich_text_section":
      return h("div", { class: "text" }, spans(element, workspace));
    case "rich_text_quote":
      return h("blockquote", {}, spans(element, workspace));
    case "rich_text_preformatted":
      return h("pre", {}, spans(element, workspace));
    case "rich_text_list": {
      const tag = element.style === "ordered" ? "ol" : "ul";
      const items = list(element.elements).map((item) => h("li", {}, spans(item, workspace)));
      const start = element.style === "ordered" ? (element.offset ?? 0) + 1 : null;
      return h(tag, { class: element.indent ? "nested" : null, start }, items);
    }
    default:
      return null;
  }
}

function spans(holder, workspace) {
  return list(holder.elements).map((element) => styled(span(element, workspace), element.style));
}

function span(element, workspace) {
  switch (element.type) {
    case "text":
      return String(element.text ?? "");
    case "link":
      return link(String(element.url ?? ""), String(element.text || element.url || ""));
    case "user":
      return userMention(workspace, String(element.user_id));
    case "channel":
      return channelMention(workspace, String(element.channel_id));
    case "usergroup":
    case "broadcast":
      return h("span", { class: "mention" }, `@${element.range ?? "group"}`);
    case "emoji":
      return emojiNamed(element.name) ?? `:${element.name}:`;
    case "date":
      return slackDate(Number(element.timestamp), String(element.format), String(element.fallback ?? ""));
    case "color":
      return String(element.value ?? "");
    default:
      return null;
  }
}

function styled(node, style) {
  if (node === null || !style) return node;
  return TAGS.reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}

function list(value) {
  return Array.isArray(value) ? value.filter((item) => item !== null && typeof item === "object") : [];
}
