// Searches and a question offered to a newcomer once there is a bot to take them, until they are put away.

import { h, replaceKeepingFocus } from "./dom.js";
import { icon } from "./icons.js";

let putAway = false;

/**
 * Fill the row; whether there is anything to offer: in the direct conversation what the bot suggests.
 * `search(words)`, `ask(channel, words)` and `prompt(channel, words)` do it.
 */
export function renderSuggestions(row, workspace, channel, { search, ask, prompt }) {
  const prompts = channel?.is_im ? channel.prompts : [];
  if (putAway || !workspace.bot.connected || workspace.suggestions.length + prompts.length === 0) return false;
  const hide = () => {
    putAway = true;
    row.hidden = true;
  };
  const prompted = prompts.map(({ title, message }) => chip("reply", title, message, () => prompt(channel, message)));
  const chips = prompts.length ? prompted : workspace.suggestions.map((suggestion) =>
    suggestion.search
      ? chip("search", suggestion.search, `/fm search ${suggestion.search}`, () => search(suggestion.search))
      : workspace.channels.get(suggestion.channel)?.is_member &&
        chip("reply", suggestion.ask, `@${workspace.bot.name} ${suggestion.ask}`, () => ask(suggestion.channel, suggestion.ask)),
  );
  replaceKeepingFocus(
    row,
    h("span", { class: "faint" }, "Try"),
    h("div", { class: "chips" }, chips),
    h("button", { type: "button", class: "icon-button", "aria-label": "Hide these suggestions", title: "Hide", on: { click: hide } }, icon("close")),
  );
  return true;
}

function chip(sign, words, title, run) {
  return h("button", { type: "button", class: "chip", title, data: { key: `try-${words}` }, on: { click: run } }, icon(sign), words);
}
