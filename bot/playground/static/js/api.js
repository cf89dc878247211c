// The playground's JSON API, as one person. Every failure is an ApiError whose message people may read.

const TIMEOUT_MS = 60_000;
const MAX_TEXT = 200_000;

/** `code` is the server's snake_case word, `unreachable` without an answer, `closed` after `close`. */
export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export class Api {
  #closing = new AbortController();

  /** `user` is the person's id, or null for the one the server puts first. */
  constructor(user) {
    this.user = user;
  }

  /** Give up what is under way: its answers are no longer wanted. */
  close() {
    this.#closing.abort();
  }

  state() {
    return this.#call("GET", "/playground/state");
  }

  async messages(channel, thread_ts) {
    const found = await this.#call("GET", "/playground/messages", { query: { channel, thread_ts } });
    return found.messages;
  }

  say(channel, text, thread_ts) {
    return this.#post("/playground/messages", { channel, text, thread_ts });
  }

  command(channel, text) {
    return this.#post("/playground/commands", { channel, text });
  }

  upload(channel, file, text, thread_ts) {
    const form = new FormData();
    const fields = { user: this.user, channel, text, thread_ts };
    for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
    form.append("file", file, file.name || "pasted.txt");
    return this.#call("POST", "/playground/files", { form });
  }

  press(message, block_id, action_id, value) {
    const { channel, ts: message_ts } = message;
    return this.#post("/playground/actions", { channel, message_ts, block_id, action_id, value });
  }

  shortcut(message, callback_id) {
    const { channel, ts: message_ts } = message;
    return this.#post("/playground/shortcuts", { channel, message_ts, callback_id });
  }

  openHome(tab) {
    return this.#post("/playground/home", { tab });
  }

  pressHome(action_id, value) {
    return this.#post("/playground/home/actions", { action_id, value });
  }

  stop({ channel, ts: thread_ts }) {
    return this.#post("/playground/stop", { channel, thread_ts });
  }

  async home() {
    return (await this.#call("GET", "/playground/home")).view;
  }

  async view() {
    const { view } = await this.#call("GET", "/playground/view");
    return view;
  }

  submitView(values) {
    return this.#post("/playground/view", { values });
  }

  closeView() {
    return this.#call("DELETE", "/playground/view");
  }

  createChannel(name, is_private) {
    return this.#post("/playground/channels", { name, is_private });
  }

  join(channel) {
    return this.#post(`/playground/channels/${encodeURIComponent(channel)}/join`, {});
  }

  leave(channel) {
    return this.#post(`/playground/channels/${encodeURIComponent(channel)}/leave`, {});
  }

  invite(channel, invitee) {
    return this.#post(`/playground/channels/${encodeURIComponent(channel)}/invite`, { invitee });
  }

  deleteFile(file) {
    return this.#call("DELETE", `/playground/files/${encodeURIComponent(file)}`);
  }

  deleteMessage(message) {
    const { channel, ts } = message;
    return this.#call("DELETE", "/playground/messages", { query: { channel, ts } });
  }

  #post(path, body) {
    return this.#call("POST", path, { json: { user: this.user, ...body } });
  }

  async #call(method, path, { query = {}, json, form } = {}) {
    const url = new URL(path, location.origin);
    const all = method === "POST" ? query : { user: this.user, ...query };
    for (const [name, value] of Object.entries(all)) if (value) url.searchParams.set(name, value);
    let response;
    let answer;
    try {
      response = await fetch(url, {
        method,
        body: json ? JSON.stringify(json) : form,
        headers: json ? { "Content-Type": "application/json" } : {},
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      answer = await response.json();
    } catch (cause) {
      if (this.#closing.signal.aborted) throw new ApiError("closed", "");
      throw new ApiError("unreachable", unreachable(response, cause));
    }
    if (!response.ok || answer.ok === false) {
      throw new ApiError(answer.error ?? "unknown", answer.message ?? "That did not work. Try it again.");
    }
    return answer;
  }
}

/** The beginning of a text file, as far as one reads on a page. */
export async function fetchText(address) {
  let response;
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return (await response.text()).slice(0, MAX_TEXT);
  } catch (cause) {
    throw new ApiError("unreachable", unreachable(response, cause));
  }
  throw new ApiError("gone", "This file can't be read any more.");
}

function unreachable(response, cause) {
  if (response) return `The demo failed at this (HTTP ${response.status}). Its terminal says more.`;
  if (cause.name === "TimeoutError") return "The demo did not answer in time. Try it again.";
  return "The demo can't be reached. Is it still running in its terminal?";
}
