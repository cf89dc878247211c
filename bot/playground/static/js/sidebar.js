// The workspace's name, its channels, and the people one can act as.

import { avatar } from "./avatar.js";
import { h, replaceKeepingFocus } from "./dom.js";
import { icon } from "./icons.js";
import { hashOf } from "./route.js";

/** `actions`: `actAs(user)`, `newChannel()`, `toggleTheme()`, `showShortcuts()`. */
export function renderSidebar(root, workspace, current, actions) {
  const channels = workspace.ordered;
  const items = (list) => list.map((channel) => h("li", {}, channelLink(channel, current)));
  replaceKeepingFocus(
    root,
    h(
      "div",
      { class: "workspace" },
      h("span", { class: "workspace-logo", "aria-hidden": "true" }, workspace.name.slice(0, 1)),
      h("span", { class: "workspace-words" }, h("b", {}, workspace.name), h("span", {}, "Local demo")),
      iconButton("keyboard", "Keyboard shortcuts (?)", "keys", actions.showShortcuts),
      iconButton("contrast", "Switch between light and dark", "theme", actions.toggleTheme),
    ),
    h(
      "div",
      { class: "sidebar-scroll" },
      h("div", { class: "sidebar-title" }, h("h2", {}, "Channels"), iconButton("plus", "New channel", "new-channel", actions.newChannel)),
      h("ul", {}, items(channels)),
      h("div", { class: "sidebar-title" }, h("h2", {}, "Direct messages")),
      h("ul", {}, workspace.direct ? items([workspace.direct]) : null),
    ),
    h(
      "div",
      { class: "people" },
      h("div", { class: "sidebar-title" }, h("h2", { id: "act-as" }, "Act as")),
      h("ul", { "aria-labelledby": "act-as" }, workspace.people.map((person) => h("li", {}, personButton(person, workspace, actions)))),
    ),
  );
}

function channelLink(channel, current) {
  const unread = channel.unread > 0 && channel.id !== current;
  const classes = ["channel-link", unread && "unread", !channel.is_member && "outside"].filter(Boolean).join(" ");
  const notes = [
    channel.is_private && !channel.is_im && "private channel",
    !channel.is_member && "not joined",
    unread && "unread messages",
  ].filter(Boolean);
  return h(
    "a",
    {
      class: classes,
      href: hashOf({ channel: channel.id }),
      "aria-current": channel.id === current ? "page" : null,
      data: { route: "", key: channel.id },
    },
    channel.is_im ? avatar({ is_bot: true }, "small") : icon(channel.is_private ? "lock" : "hash"),
    h("bdi", {}, channel.name),
    notes.length ? h("span", { class: "visually-hidden" }, ` (${notes.join(", ")})`) : null,
    unread && h("span", { class: "dot", "aria-hidden": "true" }),
  );
}

function personButton(person, workspace, actions) {
  const mine = person.id === workspace.me;
  return h(
    "button",
    {
      type: "button",
      class: "person",
      "aria-pressed": String(mine),
      data: { key: `person-${person.id}` },
      on: { click: () => actions.actAs(person.id) },
    },
    avatar(person, "small"),
    h("bdi", {}, person.real_name),
    person.is_guest && !/guest/i.test(person.real_name) ? h("span", { class: "tag" }, "guest") : null,
    mine && icon("check"),
  );
}

function iconButton(name, label, key, click) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, data: { key }, on: { click } }, icon(name));
}
