// The forms that the app opens: one at a time, over the page.

import { h } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { plain } from "./elements.js";

let shown = null; // the dialog that is open

/** Show this form, or none when it is null. `submit(values)` sends it, `close()` gives it up. */
export function showView(view, workspace, { submit, close }) {
  shown?.remove();
  shown = null;
  if (!view) return;
  const fields = new Map();
  const error = h("p", { class: "composer-error", role: "alert" });
  const send = async (event) => {
    event.preventDefault();
    error.textContent = "";
    const values = Object.fromEntries([...fields].map(([id, field]) => [id, field.value]));
    try {
      await submit(values);
    } catch (failure) {
      error.textContent = failure.message;
    }
  };
  const title = plain(view.title);
  const cancel = h("button", { type: "button", class: "button", on: { click: () => close() } }, plain(view.close) || "Close");
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-label": title },
    h("h2", {}, title),
    h(
      "form",
      { on: { submit: send } },
      view.blocks.map((one) => part(one, workspace, fields)),
      error,
      h("div", { class: "dialog-buttons" }, cancel, view.submit ? h("button", { type: "submit", class: "button primary" }, plain(view.submit)) : null),
    ),
  );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  dialog.showModal();
  shown = dialog;
}

function part(one, workspace, fields) {
  if (one.type !== "input") return renderBlocks([one], workspace, () => {});
  const { multiline, max_length: maxlength = 3000, initial_value: value = "" } = one.element;
  const field = h(multiline ? "textarea" : "input", { maxlength, required: !one.optional, rows: multiline ? 4 : null }, multiline ? value : null);
  if (!multiline) field.value = value;
  fields.set(one.block_id, field);
  return h("label", { class: "field" }, plain(one.label), field);
}
