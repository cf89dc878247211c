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
    const values = Object.fromEntries([...fields].map(([id, read]) => [id, read()]));
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
  const { field, read } = INPUTS[one.element.type](one.element, !one.optional);
  fields.set(one.block_id, read);
  const hint = one.hint ? h("span", { class: "faint" }, plain(one.hint)) : null;
  if (field.tagName === "FIELDSET") {
    field.prepend(h("legend", {}, plain(one.label), hint));
    return field;
  }
  return h("label", { class: "field" }, plain(one.label), field, hint);
}

/** By kind of element: what people fill in, and a function that reads it. */
const INPUTS = {
  plain_text_input({ multiline, max_length: maxlength = 3000, initial_value: value = "" }, required) {
    const field = h(multiline ? "textarea" : "input", { maxlength, required, rows: multiline ? 4 : null }, multiline ? value : null);
    if (!multiline) field.value = value;
    return { field, read: () => field.value };
  },
  number_input({ is_decimal_allowed: decimal, min_value: min, max_value: max, initial_value: value, placeholder }, required) {
    const field = h("input", { type: "number", step: decimal ? "any" : 1, min, max, value, required, placeholder: plain(placeholder) || null });
    return { field, read: () => field.value };
  },
  static_select({ options, initial_option: chosen }, required) {
    const items = options.map((option) => h("option", { value: option.value, selected: option.value === chosen?.value }, plain(option.text)));
    const field = h("select", { required, class: "button" }, items);
    return { field, read: () => field.value };
  },
  multi_static_select({ options, initial_options: chosen = [] }) {
    const boxes = options.map((option) => h("input", { type: "checkbox", value: option.value, checked: chosen.some(({ value }) => value === option.value) }));
    const lines = boxes.map((box, position) => h("label", { class: "check" }, box, plain(options[position].text)));
    return { field: h("fieldset", { class: "field choices" }, lines), read: () => boxes.filter((box) => box.checked).map((box) => box.value) };
  },
};
