// What one can press in a message: buttons, menus, feedback.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { withEmoji } from "./emoji.js";
import { link } from "./references.js";
import { menu } from "./menu.js";

/** An interactive element as a node, or null for a kind that this page doesn't know. `press` acts on it. */
export function interactive(element, blockId, press) {
  const pressed = (value) => press(blockId, element.action_id, value, element.confirm);
  const key = `${blockId}/${element.action_id}`;
  switch (element.type) {
    case "button":
      return button(element, key, pressed);
    case "overflow":
      return menu({
        label: "More options",
        key,
        items: (element.options ?? []).map((option) => ({
          label: plain(option.text),
          run: () => pressed(option.value),
        })),
      });
    case "static_select":
      return select(element, key, pressed);
    case "feedback_buttons":
      return feedback(element, key, pressed);
    case "icon_button":
      return h(
        "button",
        { type: "button", class: "button", data: { key }, on: { click: () => pressed(element.value) } },
        element.icon === "trash" ? icon("trash") : null,
        plain(element.text),
      );
    default:
      return null;
  }
}

/** The text of a text object, with its emoji. */
export function plain(text) {
  const shown = String(text?.text ?? "");
  return text?.emoji === false ? shown : withEmoji(shown);
}

function button(element, key, pressed) {
  const style = ["primary", "danger"].includes(element.style) ? ` ${element.style}` : "";
  const label = element.accessibility_label ?? null;
  if (element.url) {
    const anchor = link(element.url, plain(element.text));
    anchor.classList.add("button", ...style.trim().split(" ").filter(Boolean));
    if (element.action_id) anchor.addEventListener("click", () => pressed(element.value));
    return anchor;
  }
  return h(
    "button",
    { type: "button", class: `button${style}`, "aria-label": label, data: { key }, on: { click: () => pressed(element.value) } },
    plain(element.text),
  );
}

/** Two thumbs; the pressed one stays marked, as at Slack, though the message says nothing of it. */
function feedback(element, key, pressed) {
  const choices = [
    [element.positive_button, "icon"],
    [element.negative_button, "icon upside-down"],
  ];
  const buttons = choices.map(([choice, sign]) => {
    const press = () => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.key === `${key}/${choice.value}`));
      pressed(choice.value);
    };
    const data = { key: `${key}/${choice.value}` };
    return h("button", { type: "button", class: "button thumb", "aria-pressed": "false", data, on: { click: press } }, icon("thumb", sign), plain(choice.text));
  });
  return buttons;
}

function select(element, key, pressed) {
  const options = element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
  const placeholder = plain(element.placeholder) || "Choose…";
  const chosen = element.initial_option?.value;
  return h(
    "select",
    {
      class: "button",
      "aria-label": placeholder,
      data: { key },
      on: { change: (event) => event.target.value && pressed(event.target.value) },
    },
    h("option", { value: "" }, placeholder),
    options.map((option) =>
      h("option", { value: option.value, selected: option.value === chosen }, plain(option.text)),
    ),
  );
}
