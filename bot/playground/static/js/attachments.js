// Files that were chosen, dropped or pasted, and wait to be sent.

import { h } from "./dom.js";
import { fileIcon, fileSize } from "./files.js";
import { icon } from "./icons.js";

const MAX_FILE_BYTES = 100 * 1024 * 1024; // what the demo's server takes
const MAX_FILES = 10;

export class Attachments {
  #files = [];

  /** `changed()` is called whenever the list has changed. */
  constructor(changed) {
    this.changed = changed;
    this.element = h("ul", { class: "attachments", "aria-label": "Files to share", hidden: true });
  }

  get count() {
    return this.#files.length;
  }

  /** Add files; what is wrong with those that were left out, as a sentence, or "". */
  add(files) {
    const fits = [...files].filter((file) => file.size <= MAX_FILE_BYTES);
    const added = fits.slice(0, MAX_FILES - this.#files.length);
    this.#files.push(...added);
    this.#render();
    if (fits.length < files.length) return "Files over 100 MB can't be uploaded here.";
    return added.length < fits.length ? `At most ${MAX_FILES} files go into one message.` : "";
  }

  /** The files, which are then no longer here. */
  take() {
    const taken = this.#files;
    this.#files = [];
    this.#render();
    return taken;
  }

  #render() {
    this.element.hidden = this.#files.length === 0;
    this.element.replaceChildren(...this.#files.map((file) => this.#item(file)));
    this.changed();
  }

  #item(file) {
    const remove = () => {
      this.#files = this.#files.filter((other) => other !== file);
      this.#render();
    };
    return h(
      "li",
      { class: "attachment" },
      fileIcon(file.type),
      h("span", { class: "file-words" }, h("bdi", { class: "file-name" }, file.name), h("span", { class: "file-about" }, fileSize(file.size))),
      h("button", { type: "button", class: "icon-button", "aria-label": `Leave out ${file.name}`, on: { click: remove } }, icon("close")),
    );
  }
}

/** The files of a drop or paste. Folders look like files of no type but can't be read: they are left out. */
export function filesOf(transfer) {
  return [...(transfer?.items ?? [])]
    .filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory)
    .map((item) => item.getAsFile())
    .filter(Boolean);
}
