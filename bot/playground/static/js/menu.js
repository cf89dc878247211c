// A button that opens a short list of things to do.

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** `items` are `{label, run, danger}`. Arrows walk; Escape, a choice or leaving it closes the menu. */
export function menu({ label, items, key, iconName = "more", className = "" }) {
  const summary = h("summary", { class: "icon-button", role: "button", "aria-haspopup": "menu", "aria-label": label, title: label, data: { key } }, icon(iconName));
  const list = h("div", { class: "menu-items", role: "menu" });
  const details = h("details", { class: `menu ${className}` }, summary, list);
  const close = () => {
    details.open = false;
  };
  const entry = (item) => {
    const run = () => {
      close();
      summary.focus();
      item.run();
    };
    return h("button", { type: "button", role: "menuitem", class: item.danger ? "menu-item danger" : "menu-item", tabindex: -1, on: { click: run } }, item.label);
  };
  details.addEventListener("toggle", () => {
    summary.setAttribute("aria-expanded", String(details.open));
    list.replaceChildren(...(details.open ? items.map(entry) : []));
    if (!details.open) return;
    const room = details.closest(".scroller")?.getBoundingClientRect().bottom ?? innerHeight;
    details.classList.toggle("upward", list.getBoundingClientRect().bottom > room);
    list.firstElementChild?.focus({ preventScroll: true });
  });
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && details.open) {
      event.stopPropagation();
      close();
      summary.focus();
    }
    const all = [...list.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || !details.open) return;
    event.preventDefault();
    event.stopPropagation();
    all[(to + all.length) % all.length]?.focus();
  });
  details.addEventListener("focusout", (event) => {
    if (!details.contains(event.relatedTarget)) close();
  });
  return details;
}
