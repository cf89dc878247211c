// What can be typed after `/`.

import { h } from "./dom.js";

/** The commands of the workspace, one entry per way of use: `/fm search <words>`, `/fm status`, … */
export function commandEntries(commands) {
  return commands.flatMap(({ command, description, usage_hint: usage }) => {
    const ways = String(usage || "").split("|").map((way) => way.trim()).filter(Boolean);
    return (ways.length ? ways : [""]).map((way) => {
      const fixed = way.split("<")[0].trim();
      const typed = `${command} ${fixed}`.trim();
      return { typed, takesMore: way.includes("<"), shown: `${command} ${way}`.trim(), description: WHAT[fixed] ?? description };
    });
  });
}

const WHAT = {
  search: "Find passages in the files you can see",
  status: "What is indexed, under way or failed",
  help: "How it works",
};

export class Hints {
  #entries = [];
  #active = -1;

  /** `choose(text)` puts a command into the input that `id` names. */
  constructor({ id, input, choose }) {
    Object.assign(this, { id, input, choose });
    this.element = h("div", { class: "hints", id, role: "listbox", "aria-label": "Commands", hidden: true });
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", id);
  }

  get open() {
    return !this.element.hidden;
  }

  /** Show the commands that the text may become; none when it isn't the start of one. */
  update(text, commands) {
    const start = text.toLowerCase();
    const fits = ({ typed }) => typed.startsWith(start.trimEnd()) && start.length <= typed.length + 1;
    this.#entries = start.startsWith("/") ? commandEntries(commands).filter(fits) : [];
    this.#active = -1;
    this.element.hidden = this.#entries.length === 0;
    this.#render();
  }

  close() {
    this.element.hidden = true;
    this.#entries = [];
    this.#active = -1;
    this.input.removeAttribute("aria-activedescendant");
  }

  /** Arrows walk, Tab takes (the first one when none is walked to), Enter takes a walked-to one. */
  key(event) {
    if (!this.open) return false;
    const count = this.#entries.length;
    if (event.key === "ArrowDown") this.#active = (this.#active + 1) % count;
    else if (event.key === "ArrowUp") this.#active = (Math.max(this.#active, 0) - 1 + count) % count;
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && !event.shiftKey) this.#take(Math.max(this.#active, 0));
    else if (event.key === "Enter" && this.#active >= 0) this.#take(this.#active);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    this.#render();
    return true;
  }

  #take(position) {
    const { typed, takesMore } = this.#entries[position];
    this.close();
    this.choose(takesMore ? `${typed} ` : typed);
  }

  #render() {
    this.element.replaceChildren(
      ...this.#entries.map(({ shown, description }, position) => {
        const selected = position === this.#active;
        const on = { mousedown: (event) => (event.preventDefault(), this.#take(position)) };
        const id = `${this.id}-${position}`;
        if (selected) this.input.setAttribute("aria-activedescendant", id);
        return h(
          "div",
          { class: "hint", id, role: "option", "aria-selected": selected ? "true" : "false", on },
          h("code", {}, shown),
          h("span", {}, description),
        );
      }),
    );
    if (this.#active < 0) this.input.removeAttribute("aria-activedescendant");
  }
}
