// Searches offered to a newcomer, until they are put away.

import { h, replaceKeepingFocus } from "./dom.js";
import { icon } from "./icons.js";

let putAway = false;

/** Fill the row; whether there is anything to offer. */
export function renderSuggestions(row, workspace, search) {
  if (putAway || workspace.suggestions.length === 0) return false;
  const hide = () => {
    putAway = true;
    row.hidden = true;
  };
  replaceKeepingFocus(
    row,
    h("span", { class: "faint" }, "Try a search"),
    h(
      "div",
      { class: "chips" },
      workspace.suggestions.map((words) =>
        h("button", { type: "button", class: "chip", title: `/fm search ${words}`, data: { key: `try-${words}` }, on: { click: () => search(words) } }, icon("search"), words),
      ),
    ),
    h("button", { type: "button", class: "icon-button", "aria-label": "Hide the suggested searches", title: "Hide", on: { click: hide } }, icon("close")),
  );
  return true;
}
