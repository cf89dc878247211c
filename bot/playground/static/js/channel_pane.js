// The middle of the page: one channel or direct conversation.

import { Composer } from "./composer.js";
import { dropzone } from "./dropzone.js";
import { h, isNarrow, replaceKeepingFocus } from "./dom.js";
import { emptyChannel } from "./empty.js";
import { Home, homeTabs } from "./home.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { hashOf } from "./route.js";
import { renderSuggestions } from "./suggestions.js";
import { Timeline } from "./timeline.js";
import { channelLabel } from "./workspace.js";

export class ChannelPane {
  #channel = null;
  #workspace = null;
  #isHome = false;

  /** `actions`: those of messages, and `send`, `search`, `ask`, `join`, `leave`, `invite`, `openSidebar`. */
  constructor(root, actions) {
    this.actions = actions;
    this.header = h("header", { class: "pane-header" });
    this.timeline = new Timeline({
      label: "Messages",
      inThread: false,
      actions,
      empty: (messages) => emptyChannel(this.#channel, messages, this.#workspace, actions),
    });
    this.suggestions = h("div", { class: "suggestions", hidden: true });
    this.composer = new Composer({
      id: "channel-input",
      send: (outgoing) => actions.send(this.#channel, null, outgoing),
      workspace: () => this.#workspace,
      commands: true,
    });
    this.joinBar = h("div", { class: "join-bar", hidden: true });
    this.home = new Home((_blockId, actionId, value) => actions.pressHome(actionId, value));
    root.append(this.header, this.home.element, this.timeline.element, this.suggestions, this.composer.form, this.joinBar);
    dropzone(root, {
      target: () => (this.#channel?.is_member ? channelLabel(this.#channel) : null),
      take: (files) => this.composer.add(files),
    });
  }

  get channel() {
    return this.#channel;
  }

  /** Show this channel's surroundings; null for one that this person can't see. `home`: the app's page instead. */
  aim(channel, workspace, home) {
    this.#channel = channel;
    this.#workspace = workspace;
    this.#isHome = Boolean(home && channel?.is_im);
    const member = Boolean(channel?.is_member);
    this.#renderHeader();
    this.home.element.hidden = !this.#isHome;
    this.timeline.element.hidden = this.#isHome;
    this.composer.form.hidden = !member || this.#isHome;
    this.joinBar.hidden = member || !channel;
    this.suggestions.hidden = this.#isHome || !member || !renderSuggestions(this.suggestions, workspace, channel, this.actions);
    if (!channel) return this.#unavailable();
    const label = channelLabel(channel);
    if (member) this.composer.aim({ key: channel.id, placeholder: placeholder(channel, label), label: `Message ${label}` });
    else this.#renderJoinBar(label);
    this.timeline.again(channel.id, workspace);
  }

  /** Show the channel's messages. */
  show(messages) {
    this.timeline.show(this.#channel.id, messages, this.#workspace);
  }

  /** Show what the app publishes for this person. */
  showHome(view) {
    this.home.show(view, this.#workspace);
  }

  /** Forget whose page this is. */
  reset() {
    this.home.clear();
    this.timeline.clear();
    this.composer.reset();
  }

  #renderHeader() {
    const channel = this.#channel;
    const open = h(
      "button",
      { type: "button", class: "icon-button only-narrow", "aria-label": "Channels and people", data: { key: "menu" }, on: { click: this.actions.openSidebar } },
      icon("menu"),
    );
    if (!channel) {
      replaceKeepingFocus(this.header, open, h("h1", {}, "Not here"));
      return;
    }
    const sign = channel.is_im ? null : icon(channel.is_private ? "lock" : "hash");
    replaceKeepingFocus(
      this.header,
      open,
      h("h1", {}, sign, h("bdi", {}, channel.name)),
      channel.is_im && this.#workspace.hasHome
        ? homeTabs(channel, this.#isHome, hashOf)
        : h("span", { class: "topic" }, channel.is_im ? "Ask anything about your files" : channel.topic),
      channel.is_im ? null : this.#members(channel),
    );
  }

  #members(channel) {
    const workspace = this.#workspace;
    const names = channel.members.map((id) => workspace.userName(id)).sort();
    const absent = [...workspace.users.values()].filter((user) => !channel.members.includes(user.id));
    const items = absent.map((user) => ({ label: `Add ${user.real_name}`, run: () => this.actions.invite(channel, user.id) }));
    if (channel.is_member) items.push({ label: "Leave this channel", run: () => this.actions.leave(channel) });
    return h(
      "div",
      { class: "members" },
      h("span", { class: "member-count", title: names.join(", ") }, icon("people"), String(names.length), h("span", { class: "visually-hidden" }, ` members: ${names.join(", ")}`)),
      channel.is_member && menu({ label: "Members of this channel", items, key: "members", className: "leftward" }),
    );
  }

  #renderJoinBar(label) {
    const join = { type: "button", class: "button primary", on: { click: () => this.actions.join(this.#channel) } };
    this.joinBar.replaceChildren(h("span", {}, `You are reading ${label} without being in it.`), h("button", join, `Join ${label}`));
  }

  #unavailable() {
    const name = this.#workspace.userName(this.#workspace.me);
    this.timeline.clear();
    this.timeline.tail.replaceChildren(
      h(
        "div",
        { class: "empty" },
        h("h2", {}, "There is nothing to see here"),
        h("p", {}, `This channel doesn't exist, or ${name} isn't in it. Choose another one, or act as someone else.`),
      ),
    );
  }
}

/** One line, on a phone too. */
function placeholder(channel, label) {
  if (channel.is_im) return isNarrow() ? "Ask about your files" : "Ask about your files, or / for commands";
  return isNarrow() ? `Message ${label}` : `Message ${label}, / for commands, @ to ask`;
}
