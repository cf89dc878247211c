// What people do on the page, as functions for the views. What goes wrong is told beside a composer.

import { confirmed } from "./dialogs.js";
import { announce, isNarrow } from "./dom.js";
import { plain } from "./elements.js";
import { command, send } from "./sending.js";
import { viewText } from "./viewer.js";

/** `app` gives `api`, `route`, `go`, `drawer`, `closeThread` and the two panes. */
export function makeActions(app) {
  const told = async (work, pane = app.channelPane) => {
    try {
      await work();
    } catch (error) {
      if (error.code !== "closed") pane.composer.fail(error.message);
    }
  };
  const paneOf = (message) => (app.route.thread && message.thread_ts === app.route.thread ? app.threadPane : app.channelPane);
  return {
    send: (channel, thread, outgoing) => sendAndShow(app, channel, thread, outgoing),
    search: (words) => told(() => command(app.api, app.channelPane.channel, null, `/fm search ${words}`)),
    ask: (channel, words) => told(() => ask(app, channel, words)),
    shortcut: (message, id) => told(() => shortcut(app, message, id), paneOf(message)),
    copyLink: (message) => told(() => copyLink(message), paneOf(message)),
    openFile: (file) => viewText(file),
    press: (message, blockId, actionId, value, ask) =>
      told(() => press(app.api, message, blockId, actionId, value, ask), paneOf(message)),
    pressHome: (actionId, value) => told(() => app.api.pressHome(actionId, value)),
    prompt: (channel, words) => told(() => app.api.say(channel.id, words)),
    stop: (root) => told(() => app.api.stop(root), app.threadPane),
    remove: (message) => told(() => remove(app.api, message), paneOf(message)),
    removeFile: (file) => told(() => removeFile(app.api, file)),
    join: (channel) => told(() => app.api.join(channel.id)),
    leave: (channel) => told(() => app.api.leave(channel.id)),
    invite: (channel, user) => told(() => app.api.invite(channel.id, user)),
    openSidebar: () => app.drawer(true),
    closeThread: () => app.closeThread(),
  };
}

async function sendAndShow(app, channel, thread, outgoing) {
  const answeredAt = await send(app.api, channel, thread, outgoing, app.botName);
  const here = app.route.channel === channel.id;
  // The bot answers in the thread of a file or question: show it where there is room beside the channel.
  if (answeredAt && !thread && here && channel.bot_is_member && !isNarrow()) {
    app.go({ channel: channel.id, thread: answeredAt });
  }
}

async function ask(app, channel, words) {
  const { ts } = await app.api.say(channel, `@${app.botName} ${words}`);
  app.go({ channel, thread: ts });
}

/** What the app says to a shortcut it says in the message's thread. */
async function shortcut(app, message, id) {
  await app.api.shortcut(message, id);
  app.go({ channel: message.channel, thread: message.thread_ts ?? message.ts });
}

async function copyLink(message) {
  await navigator.clipboard.writeText(message.permalink);
  announce("The link is copied.");
}

async function press(api, message, blockId, actionId, value, ask) {
  const question = ask && {
    title: plain(ask.title),
    words: plain(ask.text),
    action: plain(ask.confirm),
    cancel: plain(ask.deny),
    danger: ask.style === "danger",
  };
  if (!question || (await confirmed(question))) await api.press(message, blockId, actionId, value);
}

async function remove(api, message) {
  const question = {
    title: "Delete this message?",
    words: message.files.length
      ? "People of this channel no longer find what is in its files, unless they are shared here once more."
      : "It goes for everyone.",
    action: "Delete",
    danger: true,
  };
  if (message.ephemeral || (await confirmed(question))) await api.deleteMessage(message);
}

async function removeFile(api, file) {
  const question = {
    title: "Delete this file?",
    words: `“${file.title || file.name}” goes from every channel, and nobody finds it any more.`,
    action: "Delete",
    danger: true,
  };
  if (await confirmed(question)) await api.deleteFile(file.id);
}
