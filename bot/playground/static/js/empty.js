// What a place says when there is nothing in it yet, or when something there needs doing first.

import { h } from "./dom.js";
import { dots, statusLine, stopButton } from "./status.js";
import { channelLabel } from "./workspace.js";

/** Below the messages of a channel: how to begin, or that the bot isn't in it. Null when all is well. */
export function emptyChannel(channel, messages, workspace, actions) {
  if (!channel) return null;
  if (!channel.bot_is_member) return withoutBot(channel, workspace, actions);
  if (messages.length) return null;
  const label = channelLabel(channel);
  if (channel.is_im) {
    return hint(
      `This is between you and ${workspace.bot.name}`,
      "Ask in your own words, or type / to see the commands. Answers come from files in channels that you are both in.",
    );
  }
  if (!channel.is_member) return hint(`Nothing in ${label} yet`, "Join it to share files here.");
  return hint(
    `This is the very beginning of ${label}`,
    `Drop a file here, or attach one below. ${workspace.bot.name} reads it, says so in its thread, and from then on you can search what it says.`,
  );
}

/** Below a thread: what goes on in it, or that it has no replies yet. `stop(root)` ends the bot's work. */
export function emptyThread(channel, messages, workspace, { stop }) {
  if (!channel || messages.length === 0) return hint("This thread is gone", "Its message was deleted.");
  const [root] = messages;
  const atWork = [statusLine(root.status, workspace), stopButton(root, stop)];
  if (atWork.some(Boolean)) return h("div", { class: "at-work" }, atWork);
  if (messages.length > 1 || root.deleted) return null;
  if (root.files.length && channel.bot_is_member && workspace.bot.connected) {
    return h("p", { class: "waiting" }, `${workspace.bot.name} is about to say what becomes of the file`, dots());
  }
  return h("p", { class: "faint waiting" }, "No replies yet.");
}

function withoutBot(channel, workspace, actions) {
  const { name, user_id: bot } = workspace.bot;
  const invite = { type: "button", class: "button primary", data: { key: "invite" }, on: { click: () => actions.invite(channel, bot) } };
  return h(
    "div",
    { class: "empty" },
    h("h2", {}, `${name} isn't in ${channelLabel(channel)}`),
    h("p", {}, "It reads only files of channels it was invited to, and finds them only for people in those channels."),
    channel.is_member && h("button", invite, `Invite ${name}`),
  );
}

function hint(title, words) {
  return h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, words));
}
