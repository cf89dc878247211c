// Changes as they happen, by server-sent events. Reconnects by itself until it is closed.

const RETRY_MS = 1500;

export class Live {
  #source = null;
  #timer = null;
  #closed = false;

  /**
   * `onUp` is called after each connect: something may have been missed, so fetch everything.
   * `onDown` when the connection is lost, `onChange` with each change.
   */
  constructor(user, { onUp, onDown, onChange }) {
    this.url = `/playground/events?user=${encodeURIComponent(user)}`;
    this.handlers = { onUp, onDown, onChange };
    this.#connect();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  #connect() {
    const source = new EventSource(this.url);
    this.#source = source;
    source.onopen = () => this.#closed || this.handlers.onUp();
    source.onmessage = (event) => this.#closed || this.handlers.onChange(JSON.parse(event.data));
    source.onerror = () => {
      // EventSource would try again by itself, but not after an HTTP error, and in its own time.
      source.close();
      if (this.#closed) return;
      this.handlers.onDown();
      this.#timer = setTimeout(() => this.#connect(), RETRY_MS);
    };
  }
}
