// Small dialogs. `<dialog>` keeps the focus inside, closes on Escape and gives the focus back.

import { h } from "./dom.js";

/** Ask before something that can't be undone; whether to go on. */
export function confirmed({ title, words, action = "Go on", cancel = "Cancel", danger = false }) {
  return new Promise((answer) => {
    const dialog = openDialog(title, [
      h("p", {}, words),
      buttons(
        h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, cancel),
        h("button", { type: "button", class: danger ? "button danger" : "button primary", on: { click: () => dialog.close("yes") } }, action),
      ),
    ]);
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"));
  });
}

/** Ask for a new channel's name; `create(name, isPrivate)` makes it, what it throws is told. */
export function newChannelDialog(create) {
  const name = h("input", { id: "new-channel-name", type: "text", maxlength: 80, placeholder: "e.g. runbooks", autocomplete: "off", required: true });
  const isPrivate = h("input", { type: "checkbox" });
  const error = h("p", { class: "composer-error", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    error.textContent = "";
    try {
      await create(name.value.trim().replaceAll(" ", "-"), isPrivate.checked);
      dialog.close();
    } catch (failure) {
      error.textContent = failure.message;
    }
  };
  const dialog = openDialog("New channel", [
    h(
      "form",
      { on: { submit } },
      h("label", { class: "field", for: "new-channel-name" }, "Name", name),
      h("label", { class: "check" }, isPrivate, "Private: only people who are invited see it"),
      error,
      buttons(
        h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, "Cancel"),
        h("button", { type: "submit", class: "button primary" }, "Create channel"),
      ),
    ),
  ]);
}

function buttons(...children) {
  return h("div", { class: "dialog-buttons" }, children);
}

/** A dialog with a title, open until it is closed. */
export function openDialog(title, children) {
  const dialog = h("dialog", { class: "dialog", "aria-label": title }, h("h2", {}, title), children);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
