// What happens to what was written: a command, files, or a message.

import { ApiError } from "./api.js";

const FAILED_COMMANDS = {
  dispatch_failed: "FaultMaven isn't connected, so nobody took the command. Try it again in a moment.",
  operation_timeout: "FaultMaven did not take the command within 3 seconds. Try it again.",
};

/**
 * Send `{text, files}` to a channel or a thread; the ts of the message in whose thread the bot will answer
 * (the one with the first file, or a question to the bot), or null.
 *
 * What has been sent is taken out of `outgoing`, so that after an error the rest can be sent again.
 */
export async function send(api, channel, thread, outgoing, bot) {
  const text = outgoing.text.trim();
  if (outgoing.text.startsWith("/") && outgoing.files.length === 0) {
    await command(api, channel, thread, text);
    return null;
  }
  if (outgoing.files.length === 0) {
    const { ts } = await api.say(channel.id, text, thread);
    const asked = channel.is_im || text.toLowerCase().includes(`@${bot}`);
    return asked ? ts : null;
  }
  let first = null;
  while (outgoing.files.length) {
    const { ts } = await api.upload(channel.id, outgoing.files[0], outgoing.text.trim(), thread);
    first ??= ts;
    outgoing.files.shift();
    outgoing.text = "";
  }
  return first;
}

/** Run a slash command in a channel. */
export async function command(api, channel, thread, text) {
  if (thread) {
    throw new ApiError(
      "no_commands_in_threads",
      "As in Slack, commands don't work in threads. Write it in the channel, or mention @faultmaven here.",
    );
  }
  try {
    await api.command(channel.id, text);
  } catch (error) {
    if (error.code === "unknown_command") error.message += " To send it as a message, begin with a space.";
    throw new ApiError(error.code, FAILED_COMMANDS[error.code] ?? error.message);
  }
}
