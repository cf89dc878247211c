// Block Kit as nodes: https://docs.slack.dev/reference/block-kit/blocks

import { h } from "./dom.js";
import { interactive, plain } from "./elements.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./rich_text.js";
import { table } from "./table.js";

/** A message's blocks as nodes. `press(blockId, actionId, value, confirm)` acts on what can be pressed. */
export function renderBlocks(blocks, workspace, press) {
  return blocks.map((block, position) => {
    const blockId = block.block_id ?? `b${position}`;
    return h("div", { class: `block block-${kind(block)}` }, content(block, blockId, workspace, press));
  });
}

function kind(block) {
  return /^[a-z_]{1,30}$/.test(block.type) ? block.type.replaceAll("_", "-") : "unknown";
}

function content(block, blockId, workspace, press) {
  switch (block.type) {
    case "section":
      return section(block, blockId, workspace, press);
    case "header":
      return h("div", { class: "heading", role: "heading", "aria-level": 3 }, plain(block.text));
    case "divider":
      return h("hr");
    case "context":
      return (block.elements ?? []).map((element) => h("span", {}, inContext(element, workspace)));
    case "actions":
    case "context_actions":
      return (block.elements ?? []).map((element) => interactive(element, blockId, press));
    case "rich_text":
      return richText(block, workspace);
    case "table":
      return blockTable(block, workspace);
    case "markdown":
      return markdown(String(block.text ?? ""));
    case "image":
      return [block.title ? h("div", { class: "faint" }, plain(block.title)) : null, image(block)];
    default:
      return h("p", { class: "faint" }, "This part of the message can only be seen in Slack.");
  }
}

function section(block, blockId, workspace, press) {
  const accessory = block.accessory;
  const fields = (block.fields ?? []).map((field) => h("div", {}, text(field, workspace)));
  const beside = accessory?.type === "image" ? image(accessory) : accessory && interactive(accessory, blockId, press);
  return [
    h(
      "div",
      { class: "section-text" },
      block.text ? text(block.text, workspace) : null,
      fields.length ? h("div", { class: "fields" }, fields) : null,
    ),
    beside ? h("div", { class: "accessory" }, beside) : null,
  ];
}

function blockTable({ rows, column_settings: columns }, workspace) {
  const cell = (given) => (given?.type === "rich_text" ? richText(given, workspace) : String(given?.text ?? ""));
  const shown = (Array.isArray(rows) ? rows : []).map((row) => row.map(cell));
  return table(shown, (columns ?? []).map((column) => column?.align));
}

function inContext(element, workspace) {
  return element.type === "image" ? image(element) : text(element, workspace);
}

function text(object, workspace) {
  if (object.type === "mrkdwn") return mrkdwn(String(object.text ?? ""), workspace);
  return h("div", { class: "text" }, plain(object));
}

/** Pictures are told, not loaded: this page asks nobody but its own server. */
function image({ alt_text: alt }) {
  return h("span", { class: "image-alt", role: "img", "aria-label": alt }, icon("image"), String(alt ?? ""));
}
