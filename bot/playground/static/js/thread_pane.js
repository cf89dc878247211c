// The side pane: one thread.

import { Composer } from "./composer.js";
import { dropzone } from "./dropzone.js";
import { h } from "./dom.js";
import { emptyThread } from "./empty.js";
import { icon } from "./icons.js";
import { Timeline } from "./timeline.js";
import { channelLabel } from "./workspace.js";

export class ThreadPane {
  #channel = null;
  #workspace = null;
  #thread = "";

  /** `actions`: those of messages, and `send`, `closeThread`. */
  constructor(root, actions) {
    this.root = root;
    this.where = h("span", { class: "topic" });
    const close = { type: "button", class: "icon-button", title: "Close (Esc)", "aria-label": "Close thread", on: { click: actions.closeThread } };
    this.timeline = new Timeline({
      label: "Thread",
      inThread: true,
      actions,
      empty: (messages) => emptyThread(this.#channel, messages, this.#workspace, actions),
    });
    this.composer = new Composer({
      id: "thread-input",
      send: (outgoing) => actions.send(this.#channel, this.#thread, outgoing),
      workspace: () => this.#workspace,
      commands: false,
    });
    root.append(
      h("header", { class: "pane-header" }, h("h2", {}, "Thread"), this.where, h("button", close, icon("close"))),
      this.timeline.element,
      this.composer.form,
    );
    dropzone(root, {
      target: () => (this.#channel?.is_member ? "this thread" : null),
      take: (files) => this.composer.add(files),
    });
  }

  /** Show this thread's surroundings, or nothing when `thread` is "". */
  aim(channel, thread, workspace) {
    const shown = Boolean(channel && thread);
    this.#channel = channel;
    this.#thread = thread;
    this.#workspace = workspace;
    this.root.hidden = !shown;
    if (!shown) {
      this.timeline.clear();
      return;
    }
    this.where.textContent = channelLabel(channel);
    this.composer.form.hidden = !channel.is_member;
    this.composer.aim({ key: placeOf(channel, thread), placeholder: "Reply…", label: `Reply in the thread in ${channelLabel(channel)}` });
    this.timeline.again(placeOf(channel, thread), workspace);
  }

  /** Show the thread's messages. */
  show(messages) {
    this.timeline.show(placeOf(this.#channel, this.#thread), messages, this.#workspace);
  }

  /** Forget whose page this is. */
  reset() {
    this.timeline.clear();
    this.composer.reset();
  }
}

function placeOf(channel, thread) {
  return `${channel.id}/${thread}`;
}
