// A button that opens a short list of things to do.

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** `items` are `{label, run}`. Escape, a choice or leaving it closes the menu. */
export function menu({ label, items, key, iconName = "more", className = "" }) {
  const summary = h("summary", { class: "icon-button", "aria-label": label, title: label, data: { key } }, icon(iconName));
  const list = h("div", { class: "menu-items" });
  const details = h("details", { class: `menu ${className}` }, summary, list);
  const close = () => {
    details.open = false;
  };
  for (const item of items) {
    const run = () => {
      close();
      summary.focus();
      item.run();
    };
    list.append(h("button", { type: "button", class: "menu-item", on: { click: run } }, item.label));
  }
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && details.open) {
      event.stopPropagation();
      close();
      summary.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && details.open) {
      event.preventDefault();
      const all = [...list.children];
      const next = all.indexOf(document.activeElement) + step;
      all[Math.max(0, Math.min(next, all.length - 1))]?.focus();
    }
  });
  details.addEventListener("focusout", (event) => {
    if (!details.contains(event.relatedTarget)) close();
  });
  return details;
}
