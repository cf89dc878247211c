// Wires everything: who acts, where the page is, what is fetched when.

import { makeActions } from "./actions.js";
import { Api } from "./api.js";
import { Banner } from "./banner.js";
import { ChannelPane } from "./channel_pane.js";
import { newChannelDialog } from "./dialogs.js";
import { announce, coalesced, isNarrow } from "./dom.js";
import { keepDropsFromLeaving } from "./dropzone.js";
import { listenToKeys, showShortcuts } from "./keyboard.js";
import { Live } from "./live.js";
import { hashOf, parseRoute } from "./route.js";
import { renderSidebar } from "./sidebar.js";
import { ThreadPane } from "./thread_pane.js";
import { showView } from "./views.js";
import { Workspace, channelLabel } from "./workspace.js";

const RETRY_MS = 1500;
const PERSON_KEY = "act-as"; // per tab, so that two tabs can be two people

class App {
  api = null;
  #live = null;
  #workspace = null;
  route = parseRoute("");
  #toHighlight = null; // the message that the address names, until it is shown
  #toReveal = null; // the root of the thread that the address names, likewise
  #seen = null; // the channel that was last shown

  constructor() {
    const byId = (id) => document.getElementById(id);
    this.root = byId("app");
    this.sidebar = byId("sidebar");
    this.scrim = byId("scrim");
    this.banner = new Banner(byId("banner"));
    const actions = makeActions(this);
    this.channelPane = new ChannelPane(byId("channel"), actions);
    this.threadPane = new ThreadPane(byId("thread"), actions);
    this.refreshState = this.#fetching(() => this.#loadState());
    this.refreshChannel = this.#fetching(() => this.#loadChannel());
    this.refreshThread = this.#fetching(() => this.#loadThread());
    this.refreshHome = this.#fetching(() => this.#loadHome());
    this.refreshView = this.#fetching(() => this.#loadView());
  }

  /** Begin as the person of this tab, or as the first one. */
  start() {
    window.addEventListener("hashchange", () => location.hash.startsWith("#/") && this.#arrive());
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault(); // the address names where the page is
      this.channelPane.composer.input.focus();
    });
    document.addEventListener("click", (event) => this.#clicked(event));
    listenToKeys({
      escape: () => this.#escape(),
      channel: (step) => this.#step(step),
      command: () => this.channelPane.composer.write("/"),
      theme: () => window.toggleTheme(),
      thread: (element) => element.querySelector("[data-key=reply]")?.click(),
    });
    this.scrim.addEventListener("click", () => this.drawer(false));
    keepDropsFromLeaving();
    this.actAs(sessionStorage.getItem(PERSON_KEY));
  }

  /** Show the workspace as this person sees it; null is the first one. */
  async actAs(user) {
    this.api?.close();
    this.#live?.close();
    const api = new Api(user);
    this.api = api;
    this.channelPane.reset();
    this.threadPane.reset();
    try {
      this.#workspace = new Workspace(await api.state());
    } catch (error) {
      if (error.code === "closed") return;
      this.banner.down = error.code === "unreachable";
      setTimeout(() => this.api === api && this.actAs(null), user && error.code === "user_not_found" ? 0 : RETRY_MS);
      return;
    }
    const { me } = this.#workspace;
    api.user = me;
    sessionStorage.setItem(PERSON_KEY, me);
    announce(`You act as ${this.#workspace.userName(me)}`);
    this.#live = new Live(me, {
      onUp: () => this.#up(),
      onDown: () => {
        this.banner.down = true;
        this.refreshState(); // a demo that was started anew knows nobody of the old one
      },
      onChange: (change) => this.#changed(change),
    });
    this.banner.down = false;
    this.#arrive();
  }

  get botName() {
    return this.#workspace.botName;
  }

  // Where the page is

  /** Go to `{channel, ts, thread}`. */
  go(route) {
    const hash = hashOf(route);
    if (location.hash !== hash) history.pushState(null, "", hash);
    this.#arrive();
  }

  #arrive() {
    if (!this.#workspace) return;
    let route = parseRoute(location.hash);
    const lost = this.#seen === route.channel && !this.#workspace.channels.has(route.channel);
    if (!route.channel || lost) {
      const { first } = this.#workspace;
      if (!first) return;
      route = parseRoute(hashOf({ channel: first.id }));
      history.replaceState(null, "", hashOf(route));
    }
    this.route = route;
    this.#toHighlight = route.ts || null;
    this.#toReveal = (route.ts && route.thread) || null;
    this.drawer(false);
    this.#render();
    this.refreshChannel();
    this.refreshThread();
    if (this.#workspace.channels.get(route.channel)?.is_im) this.#openApp(route.home ? "home" : "messages");
  }

  async #openApp(tab) {
    this.refreshHome();
    await this.#fetching(() => this.api.openHome(tab))();
  }

  #step(step) {
    const places = [...this.#workspace.ordered, this.#workspace.direct].filter(Boolean);
    const at = places.findIndex(({ id }) => id === this.route.channel);
    this.go({ channel: places[(at + step + places.length) % places.length].id });
  }

  #clicked(event) {
    const anchor = event.target.closest?.("a[data-route]");
    if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const route = parseRoute(anchor.hash);
    this.go(route);
    if (isNarrow() || route.ts || route.home) return;
    const pane = route.thread ? this.threadPane : this.channelPane;
    pane.composer.input.focus();
  }

  #escape() {
    if (this.root.classList.contains("drawer-open")) this.drawer(false);
    else if (this.route.thread) this.closeThread();
  }

  closeThread() {
    const { channel, thread } = this.route;
    this.go({ channel });
    if (!isNarrow()) this.channelPane.composer.input.focus();
    else this.channelPane.timeline.reveal(thread);
  }

  drawer(open) {
    this.root.classList.toggle("drawer-open", open);
    this.scrim.hidden = !open;
    if (open) this.sidebar.querySelector("[aria-current]")?.focus();
  }

  // What the server tells

  #up() {
    this.banner.down = false;
    this.refreshState();
    this.refreshChannel();
    this.refreshThread();
    this.refreshView();
  }

  #changed({ type, channel, ts, thread_ts: root }) {
    if (type === "home") {
      this.refreshHome();
    } else if (type === "bot_connection" || type === "channels_changed") {
      this.refreshState();
    } else if (type === "view") {
      this.refreshView();
    } else if (channel === this.route.channel) {
      this.refreshChannel();
      if ([ts, root].includes(this.route.thread)) this.refreshThread();
    } else if (type === "message") {
      this.refreshState();
    }
  }

  #fetching(work) {
    return coalesced(async () => {
      const api = this.api;
      try {
        await work();
      } catch (error) {
        if (error.code === "user_not_found" && api === this.api) this.actAs(null); // the demo was started anew
        else if (!["closed", "unreachable", "channel_not_found"].includes(error.code)) throw error;
      }
    });
  }

  async #loadState() {
    const api = this.api;
    const state = await api.state();
    if (api !== this.api) return;
    this.#workspace = new Workspace(state);
    if (this.#seen === this.route.channel && !this.#workspace.channels.has(this.#seen)) this.#arrive();
    else this.#render();
  }

  async #loadChannel() {
    const api = this.api;
    const { channel, thread } = this.route;
    if (this.route.home || !this.#workspace?.channels.has(channel)) return;
    const messages = await api.messages(channel);
    if (api !== this.api || channel !== this.channelPane.channel?.id) return;
    this.#seen = channel;
    this.channelPane.show(messages);
    if (this.#toReveal) this.channelPane.timeline.reveal(this.#toReveal);
    else if (this.#toHighlight && !thread) this.#highlight(this.channelPane.timeline);
    this.#toReveal = null;
  }

  async #loadThread() {
    const api = this.api;
    const { channel, thread } = this.route;
    if (!thread || !this.#workspace?.channels.has(channel)) return;
    const messages = await api.messages(channel, thread);
    if (api !== this.api || channel !== this.channelPane.channel?.id || thread !== this.route.thread) return;
    this.threadPane.show(messages);
    if (this.#toHighlight) this.#highlight(this.threadPane.timeline);
  }

  async #loadView() {
    const api = this.api;
    const view = await api.view();
    if (api !== this.api || !this.#workspace) return;
    showView(view, this.#workspace, { submit: (values) => api.submitView(values), close: () => api.closeView() });
  }

  async #loadHome() {
    const api = this.api;
    if (!this.route.home || !this.#workspace) return;
    const view = await api.home();
    if (api === this.api) this.channelPane.showHome(view);
  }

  #highlight(timeline) {
    if (!timeline.highlight(this.#toHighlight)) announce("That message isn't here any more.");
    this.#toHighlight = null;
  }

  #render() {
    const workspace = this.#workspace;
    const channel = workspace.channels.get(this.route.channel) ?? null;
    const { thread } = this.route;
    renderSidebar(this.sidebar, workspace, channel?.id ?? null, {
      actAs: (user) => this.actAs(user),
      newChannel: () => newChannelDialog((name, isPrivate) => this.#newChannel(name, isPrivate)),
      toggleTheme: () => window.toggleTheme(),
      showShortcuts,
    });
    this.channelPane.aim(channel, workspace, this.route.home);
    this.threadPane.aim(channel, thread, workspace);
    this.root.classList.toggle("with-thread", Boolean(channel && thread));
    this.banner.bot = workspace.bot;
    document.title = `${channel ? channelLabel(channel) : "Not here"} · ${workspace.name} · FaultMaven demo`;
  }

  async #newChannel(name, isPrivate) {
    const { channel } = await this.api.createChannel(name, isPrivate);
    await this.refreshState();
    this.go({ channel: channel.id });
  }
}

new App().start();
