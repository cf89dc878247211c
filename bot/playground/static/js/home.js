// The app's own page: what it publishes for whoever looks.

import { renderBlocks } from "./blocks.js";
import { h, replaceKeepingFocus } from "./dom.js";

export class Home {
  /** `press(blockId, actionId, value)` acts on what can be pressed on the page. */
  constructor(press) {
    this.press = press;
    this.content = h("div", { class: "content" });
    this.element = h("div", { class: "scroller home", tabindex: 0, role: "region", "aria-label": "Home", hidden: true }, this.content);
  }

  /** Show a view; null while there is none yet. */
  show(view, workspace) {
    const waiting = h("p", { class: "faint" }, workspace.bot.connected ? "One moment…" : `${workspace.bot.name} isn't connected.`);
    replaceKeepingFocus(this.content, view ? renderBlocks(view.blocks, workspace, this.press) : waiting);
    for (const heading of this.content.querySelectorAll("[role=heading]")) heading.setAttribute("aria-level", "2");
  }

  clear() {
    this.content.replaceChildren();
  }
}

/** The two tabs of the app: its page and what was said. */
export function homeTabs(channel, isHome, hashOf) {
  const tab = (label, home) =>
    h("a", { class: "tab", href: hashOf({ channel: channel.id, home }), "aria-current": home === isHome ? "page" : null, data: { route: "", key: `tab-${label}` } }, label);
  return h("nav", { class: "tabs", "aria-label": channel.name }, tab("Home", true), tab("Messages", false));
}
