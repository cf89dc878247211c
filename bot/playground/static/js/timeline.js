// A list of messages that is brought up to date in place: what didn't change keeps its element, the
// reader's place, and the keyboard's focus.

import { announce, focusedKey, focusKey, h, replaceKeepingFocus } from "./dom.js";
import { icon } from "./icons.js";
import { messageItem } from "./message.js";
import { dateOf, dayName } from "./times.js";

const COMPACT_WITHIN_S = 5 * 60;
const NEAR_END_PX = 60;
const SHOWN_AT_FIRST = 200;

export class Timeline {
  #items = new Map(); // key → {signature, said, element}
  #place = "";
  #atEnd = true;
  #limit = SHOWN_AT_FIRST;
  #shown = null; // what `show` was last called with

  /** `actions` as in message.js; `empty(place)` gives what to show when there is nothing yet. */
  constructor({ label, inThread, actions, empty }) {
    Object.assign(this, { inThread, actions, empty });
    this.list = h("ol", { class: "messages", "aria-label": label });
    this.tail = h("div", { class: "tail" });
    this.scroller = h("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": label }, this.list, this.tail);
    this.toEnd = h(
      "button",
      { type: "button", class: "to-end", hidden: true, on: { click: () => this.#scrollToEnd() } },
      icon("down"),
      "Newer messages",
    );
    this.element = h("div", { class: "timeline" }, this.scroller, this.toEnd);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const sizes = new ResizeObserver(() => this.#atEnd && this.#scrollToEnd());
    for (const watched of [this.scroller, this.list, this.tail]) sizes.observe(watched);
  }

  /** Forget everything: another person looks, or another place is shown. */
  clear() {
    this.#items.clear();
    this.#place = "";
    this.#shown = null;
    this.list.replaceChildren();
    this.tail.replaceChildren();
  }

  /** Show these messages; `place` names the channel or thread, and a new one begins at its end. */
  show(place, messages, workspace) {
    const isNew = place !== this.#place;
    if (isNew) {
      this.clear();
      this.#place = place;
      this.#limit = SHOWN_AT_FIRST;
      this.#atEnd = true;
    }
    const newest = this.#shown?.messages.at(-1)?.ts ?? "";
    this.#shown = { messages, workspace };
    const changed = this.#update(messages.slice(-this.#limit), messages.length > this.#limit, workspace);
    replaceKeepingFocus(this.tail, this.empty(messages));
    const last = messages.at(-1);
    const arrived = last !== undefined && last.ts > newest;
    const forMe = arrived && (last.user === workspace.me || last.ephemeral);
    if (isNew || forMe || this.#atEnd) this.#scrollToEnd();
    else if (arrived) this.toEnd.hidden = false;
    if (!isNew && arrived) this.#beginInView(last);
    if (!isNew) this.#announce(changed, workspace);
  }

  /** Show the same messages once more, if this is their place: what surrounds them has changed. */
  again(place, workspace) {
    if (place === this.#place && this.#shown) this.show(place, this.#shown.messages, workspace);
  }

  /** Bring a message into view; its element, or null when it isn't there. */
  reveal(ts) {
    if (this.#shown?.messages.some((message) => message.ts === ts) && !this.#items.has(ts)) {
      this.#limit = this.#shown.messages.length;
      this.show(this.#place, this.#shown.messages, this.#shown.workspace);
    }
    const item = this.#items.get(ts)?.element ?? null;
    if (item) {
      this.#atEnd = false;
      item.scrollIntoView({ block: "center" });
    }
    return item;
  }

  /** Bring a message into view and mark it for a moment; whether it is there. */
  highlight(ts) {
    const item = this.reveal(ts);
    if (!item) return false;
    item.classList.remove("highlighted", "changed");
    void item.offsetWidth; // lets the same message light up a second time
    item.classList.add("highlighted");
    item.focus({ preventScroll: true });
    return true;
  }

  #update(messages, hasMore, workspace) {
    const wanted = [...this.#entries(messages, hasMore, workspace)];
    const keep = new Set(wanted.map(({ key }) => key));
    for (const [key, { element }] of this.#items) {
      if (keep.has(key)) continue;
      element.remove();
      this.#items.delete(key);
    }
    const changed = new Set();
    let before = this.list.firstElementChild;
    for (const { key, signature, said, make } of wanted) {
      const known = this.#items.get(key);
      let element = known?.element;
      if (!known || known.signature !== signature) {
        element = make();
        if (known) {
          const focus = focusedKey(known.element);
          known.element.replaceWith(element);
          if (before === known.element) before = element;
          focusKey(element, focus);
          if (known.said !== said) element.classList.add("changed");
        }
        this.#items.set(key, { signature, said, element });
        changed.add(key);
      }
      if (element === before) before = before.nextElementSibling;
      else this.list.insertBefore(element, before);
    }
    return changed;
  }

  *#entries(messages, hasMore, workspace) {
    if (hasMore) yield { key: "more", signature: "", make: () => this.#olderItem() };
    let previous = null;
    for (const message of messages) {
      const day = dayName(dateOf(message.ts));
      const newDay = !previous || day !== dayName(dateOf(previous.ts));
      if (newDay && !this.inThread) yield { key: `day ${day}`, signature: day, make: () => separator(day) };
      const root = this.inThread && message === messages[0];
      const compact = !newDay && follows(message, previous) && !(this.inThread && previous === messages[0]);
      const options = { workspace, actions: this.actions, compact, inThread: this.inThread };
      yield {
        key: message.ts,
        signature: JSON.stringify([message, compact, workspace.names, day]),
        make: () => messageItem(message, options),
        said: saidIn(message),
      };
      if (root && messages.length > 1) {
        const words = messages.length === 2 ? "1 reply" : `${messages.length - 1} replies`;
        yield { key: "replies", signature: words, make: () => separator(words) };
      }
      previous = message;
    }
  }

  #olderItem() {
    const more = () => {
      this.#limit += SHOWN_AT_FIRST;
      this.show(this.#place, this.#shown.messages, this.#shown.workspace);
    };
    return h("li", { class: "older" }, h("button", { type: "button", class: "button", on: { click: more } }, "Show older messages"));
  }

  /** An answer taller than the view is read from its beginning. */
  #beginInView({ ts }) {
    const item = this.#items.get(ts)?.element;
    if (!item || !this.#atEnd || item.offsetHeight < this.scroller.clientHeight) return;
    this.#atEnd = false;
    item.scrollIntoView({ block: "start" });
  }

  /** Tell screen readers the newest message of others that has come or changed. */
  #announce(changed, workspace) {
    const news = this.#shown.messages.findLast(({ ts, user, streaming }) => changed.has(ts) && user !== workspace.me && !streaming);
    if (!news) return;
    const words = this.#items.get(news.ts)?.element.querySelector(".content")?.textContent ?? "";
    announce(`${news.username}: ${words}`);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#atEnd) this.toEnd.hidden = true;
  }

  #scrollToEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#atEnd = true;
    this.toEnd.hidden = true;
  }
}

function separator(words) {
  return h("li", { class: "separator" }, h("span", {}, words));
}

/** What lights up a message when it changes: its words, not what goes on in its thread, nor their being written. */
function saidIn({ edited, text, files, deleted }) {
  return JSON.stringify([edited && text, files, deleted]);
}

function follows(message, previous) {
  return (
    previous !== null &&
    message.user === previous.user &&
    !message.ephemeral &&
    !previous.ephemeral &&
    !previous.deleted &&
    !previous.reply_count &&
    Number(message.ts) - Number(previous.ts) < COMPACT_WITHIN_S
  );
}
