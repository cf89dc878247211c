// What the keyboard does anywhere on the page; `?` shows it.

import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";

const SHORTCUTS = [
  [["Enter"], "Send; Shift+Enter begins a new line"],
  [["/"], "Write a command"],
  [["@", "#"], "Complete a name, or a channel, while writing"],
  [["↑", "↓"], "Walk through messages, menus and suggestions"],
  [["T"], "Reply in the thread of the message one is at"],
  [["Alt ↑", "Alt ↓"], "Previous or next channel"],
  [["D"], "Light or dark"],
  [["Esc"], "Close what is open: a menu, a dialog, the thread"],
  [["?"], "This list"],
];

/** `on` gives `channel(step)`, `command()`, `theme()`, `thread(channel message element)`, `escape()`. */
export function listenToKeys(on) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.defaultPrevented) return;
    if (event.key === "Escape") on.escape();
    else if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) taken(event, () => on.channel(event.key === "ArrowUp" ? -1 : 1));
    else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target)) single(event, on);
  });
}

function single(event, on) {
  const message = event.target.closest?.(".message");
  const run = {
    "?": showShortcuts,
    "/": on.command,
    d: on.theme,
    t: message && (() => on.thread(message)),
    ArrowDown: () => walk(event.target, 1),
    ArrowUp: () => walk(event.target, -1),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (run) taken(event, run);
}

function taken(event, run) {
  if (run() !== false) event.preventDefault();
}

/** To the next message of the list that the focus is in; false where it is in none. */
function walk(from, step) {
  const scroller = from.closest(".timeline")?.querySelector(".scroller");
  if (!scroller) return false;
  const all = [...scroller.querySelectorAll(".message")];
  const at = all.indexOf(from.closest(".message"));
  const next = at < 0 ? all.at(step < 0 ? -1 : 0) : all[at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

function isWriting(element) {
  return element.matches?.("input, textarea, select") ?? false;
}

/** The list of keys. */
export function showShortcuts() {
  const rows = SHORTCUTS.map(([keys, what]) => h("tr", {}, h("td", {}, keys.map((key) => h("kbd", {}, key))), h("td", {}, what)));
  const close = { type: "button", class: "button", on: { click: () => dialog.close() } };
  const dialog = openDialog("Keyboard", [
    h("table", { class: "shortcuts" }, h("tbody", {}, rows)),
    h("div", { class: "dialog-buttons" }, h("button", close, "Close")),
  ]);
}
