// What is wrong with the connection, floating above the page so that nothing moves.

const BOT_GRACE_MS = 2000; // a bot that is just starting is nothing to report

export class Banner {
  #timer = null;
  #down = false;
  #bot = null;

  constructor(element) {
    this.element = element;
  }

  /** Whether the server can't be reached. */
  set down(down) {
    if (down === this.#down) return;
    this.#down = down;
    this.#show();
  }

  /** The bot as the state tells it. */
  set bot(bot) {
    this.#bot = bot;
    this.#show();
  }

  #show() {
    clearTimeout(this.#timer);
    if (this.#down) {
      this.#tell("The demo can't be reached. Start it again in the terminal (fm demo): this page reconnects by itself.");
    } else if (this.#bot && !this.#bot.connected) {
      const words = `${this.#bot.name} isn't connected, so nobody reads files or answers commands. It can take a moment to start.`;
      this.#timer = setTimeout(() => this.#tell(words), BOT_GRACE_MS);
    } else {
      this.element.hidden = true;
    }
  }

  #tell(words) {
    this.element.textContent = words;
    this.element.hidden = false;
  }
}
