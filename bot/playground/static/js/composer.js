// The box in which one writes, attaches and runs commands.

import { Attachments, filesOf } from "./attachments.js";
import { completions } from "./completions.js";
import { h } from "./dom.js";
import { Hints } from "./hints.js";
import { icon } from "./icons.js";

export class Composer {
  #drafts = new Map(); // where → what was typed there
  #target = null;
  #busy = false;

  /**
   * `send({text, files})` does it; what it throws is told beside the box. `workspace()` is what names
   * come from, `commands` whether commands work here.
   */
  constructor({ id, send, workspace, commands }) {
    Object.assign(this, { send, workspace, commands });
    this.attachments = new Attachments(() => this.#refresh());
    this.input = h("textarea", { id, rows: 1, maxlength: 12000, autocomplete: "off", spellcheck: "true" });
    this.hints = new Hints({ id: `${id}-hints`, input: this.input, choose: (entry) => this.#complete(entry) });
    this.error = h("p", { class: "composer-error", role: "alert" });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true" });
    this.attach = h("button", { type: "button", class: "icon-button", title: "Attach files", "aria-label": "Attach files" }, icon("clip"));
    this.submit = h("button", { type: "submit", class: "send", title: "Send", "aria-label": "Send" }, icon("send"));
    this.form = h(
      "form",
      { class: "composer" },
      this.hints.element,
      this.error,
      h("div", { class: "box" }, this.attachments.element, this.input, h("div", { class: "bar" }, this.attach, this.picker, this.submit)),
    );
    this.#listen();
  }

  /** Write for this place from now on; `key` is what its draft is kept under. */
  aim({ key, placeholder, label }) {
    if (this.#target === key) return;
    this.#drafts.set(this.#target, this.input.value);
    this.#target = key;
    this.input.placeholder = placeholder;
    this.input.setAttribute("aria-label", label);
    this.attachments.take();
    this.fail("");
    this.write(this.#drafts.get(key) ?? "", { focus: false });
    this.hints.close();
  }

  /** Forget all drafts: another person writes. */
  reset() {
    this.#drafts.clear();
    this.#target = null;
    this.input.value = "";
  }

  /** Put text into the box, as if typed. */
  write(text, { focus = true } = {}) {
    this.input.value = text;
    if (focus) this.input.focus();
    this.#typed();
  }

  /** Tell what went wrong, or nothing. */
  fail(sentence) {
    this.error.textContent = sentence;
  }

  /** Take files to be sent with the next message. */
  add(files) {
    if (files.length === 0) return;
    this.fail(this.attachments.add(files));
    this.input.focus();
  }

  #listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("blur", () => this.hints.close());
    this.input.addEventListener("keydown", (event) => {
      if (event.isComposing || this.hints.key(event)) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.#send();
      }
    });
    this.input.addEventListener("paste", (event) => {
      const files = filesOf(event.clipboardData);
      if (files.length === 0) return;
      event.preventDefault();
      this.add(files);
    });
    this.attach.addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => {
      this.add([...this.picker.files]);
      this.picker.value = "";
    });
  }

  #complete({ from, to, text }) {
    this.input.setRangeText(text, from, to, "end");
    this.input.focus();
    this.#typed();
  }

  #typed() {
    const { value, selectionEnd } = this.input;
    this.hints.show(completions(value, selectionEnd, this.workspace(), this.commands));
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.#refresh();
  }

  #refresh() {
    const nothing = !this.input.value.trim() && this.attachments.count === 0;
    this.submit.disabled = nothing || this.#busy;
    this.form.setAttribute("aria-busy", String(this.#busy));
  }

  async #send() {
    if (this.submit.disabled) return;
    const text = this.input.value;
    const files = this.attachments.take();
    const target = this.#target;
    this.hints.close();
    this.fail("");
    this.#busy = true;
    this.write("");
    try {
      await this.send({ text, files });
    } catch (error) {
      if (error.code === "closed" || target !== this.#target) return;
      this.attachments.add(files);
      if (!this.input.value) this.write(text);
      this.fail(error.message);
    } finally {
      this.#busy = false;
      this.#refresh();
    }
  }
}
