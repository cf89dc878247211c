// That something is under way.

import { h } from "./dom.js";

/** What the bot is doing in a thread right now, or null. */
export function statusLine(words, workspace) {
  if (!words) return null;
  return h("p", { class: "status" }, `${workspace.bot.name} ${words.replace(/[.…]+$/, "")}`, dots());
}

/** What stops the bot's work in a thread, while there is any, or null. */
export function stopButton(root, stop) {
  if (!root.stoppable) return null;
  return h("button", { type: "button", class: "button stop", data: { key: "stop" }, on: { click: () => stop(root) } }, "Stop");
}

/** Three dots that blink one after the other. */
export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}
