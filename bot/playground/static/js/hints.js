// The list above the box of what its text may become.

import { h } from "./dom.js";

export class Hints {
  #entries = [];
  #active = -1;

  /** `choose({from, to, text})` puts an entry into the input; `id` is the list's. */
  constructor({ id, input, choose }) {
    Object.assign(this, { id, input, choose });
    this.element = h("div", { class: "hints", id, role: "listbox", "aria-label": "Suggestions", hidden: true });
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", id);
  }

  get open() {
    return !this.element.hidden;
  }

  /** Offer these. Of names the first is walked to, so that Enter takes it; a command is run by Enter as it is. */
  show(entries) {
    this.#entries = entries;
    this.#active = entries.length && !entries[0].code ? 0 : -1;
    this.#render();
  }

  close() {
    this.show([]);
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
    const entry = this.#entries[position];
    this.close();
    this.choose(entry);
  }

  #render() {
    this.element.hidden = this.#entries.length === 0;
    this.element.replaceChildren(...this.#entries.map((entry, position) => this.#option(entry, position)));
    if (this.#active < 0 || !this.open) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.id}-${this.#active}`);
  }

  #option({ code, label, sign, about }, position) {
    const on = { mousedown: (event) => (event.preventDefault(), this.#take(position)) };
    return h(
      "div",
      { class: "hint", id: `${this.id}-${position}`, role: "option", "aria-selected": String(position === this.#active), on },
      sign?.(),
      code ? h("code", {}, code) : h("bdi", {}, label),
      h("span", { class: "faint" }, about),
    );
  }
}
