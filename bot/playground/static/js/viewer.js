// A text file, read on the page.

import { fetchText } from "./api.js";
import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";

/** Show a file's text; what can't be fetched is told in its place. */
export async function viewText(file) {
  const text = h("pre", { class: "viewer-text", tabindex: 0, "aria-label": file.name }, "…");
  const close = { type: "button", class: "button", on: { click: () => dialog.close() } };
  const dialog = openDialog(file.title || file.name, [
    text,
    h("div", { class: "dialog-buttons" }, h("a", { class: "button", href: file.url, download: file.name }, "Download"), h("button", close, "Close")),
  ]);
  dialog.classList.add("viewer");
  try {
    text.textContent = await fetchText(file.url);
  } catch (error) {
    text.textContent = error.message;
  }
}
