// That something is under way.

import { h } from "./dom.js";

/** What the bot is doing in a thread right now, or null. */
export function statusLine(words, workspace) {
  if (!words) return null;
  return h("p", { class: "status" }, `${workspace.bot.name} ${words.replace(/[.…]+$/, "")}`, dots());
}

/** Three dots that blink one after the other. */
export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}
