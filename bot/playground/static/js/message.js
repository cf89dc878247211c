// One message as a list item.

import { avatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { fileCard } from "./files.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { decode } from "./references.js";
import { hashOf } from "./route.js";
import { statusLine } from "./status.js";
import { clock, dateOf, moment } from "./times.js";

/**
 * `compact` leaves out avatar and name (the author's message above has them). `actions`: `press`,
 * `remove`, `removeFile`, `openFile`, `shortcut`, `copyLink`. `inThread` leaves out what leads to the thread.
 */
export function messageItem(message, { workspace, actions, compact, inThread }) {
  const classes = ["message", compact && "compact", message.ephemeral && "ephemeral", message.streaming && "streaming"];
  return h(
    "li",
    { class: classes.filter(Boolean).join(" "), tabindex: -1, data: { ts: message.ts } },
    h("div", { class: "gutter" }, compact ? timeLink(message, "time quiet") : avatar(workspace.users.get(message.user))),
    h(
      "div",
      { class: "body" },
      message.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
      compact ? hiddenHead(message) : head(message),
      content(message, workspace, actions),
      inThread ? null : replies(message, workspace),
      inThread ? null : statusLine(message.status, workspace),
      message.ephemeral && dismiss(message, actions),
    ),
    message.ephemeral || message.deleted ? null : tools(message, workspace, actions, inThread),
  );
}

function head(message) {
  return h(
    "div",
    { class: "head" },
    h("bdi", { class: "author" }, message.username),
    message.is_bot && h("span", { class: "badge" }, "App"),
    timeLink(message, "time"),
    message.edited && h("span", { class: "edited" }, "(edited)"),
  );
}

function hiddenHead(message) {
  return h("span", { class: "visually-hidden" }, `${message.username}, ${clock(dateOf(message.ts))}: `);
}

function timeLink(message, className) {
  const date = dateOf(message.ts);
  if (message.ephemeral) return h("span", { class: className, title: moment(date) }, clock(date));
  const reply = message.thread_ts && message.thread_ts !== message.ts;
  const href = hashOf({ channel: message.channel, ts: message.ts, thread: reply ? message.thread_ts : "" });
  const label = `${clock(date)}, link to this message`;
  return h("a", { class: className, href, title: moment(date), "aria-label": label, data: { route: "" } }, clock(date));
}

function content(message, workspace, actions) {
  if (message.deleted) return h("div", { class: "content faint" }, "This message was deleted.");
  const press = (...what) => actions.press(message, ...what);
  const shown = message.blocks?.length
    ? renderBlocks(message.blocks, workspace, press)
    : mrkdwn(message.text ?? "", workspace);
  const mine = message.user === workspace.me;
  return [
    shown.length ? h("div", { class: "content" }, shown) : null,
    message.files.map((file) => fileCard(file, actions.openFile, mine && (() => actions.removeFile(file)))),
  ];
}

function replies(message, workspace) {
  if (!message.reply_count) return null;
  const words = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const href = hashOf({ channel: message.channel, thread: message.ts });
  const last = message.latest_reply ? `last at ${clock(dateOf(message.latest_reply))}` : "";
  return h(
    "a",
    { class: "replies", href, data: { route: "", key: "replies" } },
    message.repliers.slice(0, 3).map((id) => avatar(workspace.users.get(id), "tiny")),
    h("b", {}, words),
    h("span", { class: "faint" }, message.verdict ? h("bdi", {}, decode(message.verdict)) : last),
  );
}

function dismiss(message, actions) {
  const on = { click: () => actions.remove(message) };
  return h("button", { type: "button", class: "text-button", data: { key: "dismiss" }, on }, "Dismiss");
}

function tools(message, workspace, actions, inThread) {
  const href = hashOf({ channel: message.channel, thread: message.thread_ts ?? message.ts });
  const reply = { class: "icon-button", href, title: "Reply in thread", "aria-label": "Reply in thread", data: { route: "", key: "reply" } };
  const items = [
    ...workspace.shortcuts.map(({ callback_id: id, name }) => ({ label: name, run: () => actions.shortcut(message, id) })),
    { label: "Copy link", run: () => actions.copyLink(message) },
  ];
  if (message.user === workspace.me) items.push({ label: "Delete message…", run: () => actions.remove(message), danger: true });
  return h(
    "div",
    { class: "tools" },
    inThread ? null : h("a", reply, icon("reply")),
    menu({ label: "More actions", items, key: "more", className: "leftward" }),
  );
}
