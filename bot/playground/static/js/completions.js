// What a text may become: commands after `/`, people after `@`, channels after `#`.

import { avatar } from "./avatar.js";
import { icon } from "./icons.js";

const MOST = 8;
const BEGUN = /(?:^|[\s(:])([@#])([\p{L}\p{N}._-]{0,40})$/u;

const WHAT = {
  search: "Find passages in the files you can see",
  status: "What is indexed, under way or failed",
  retry: "Read a file again that failed",
  forget: "Remove a file that you shared from the search",
  ignore: "Index nothing in this channel",
  settings: "What this workspace chose",
  help: "How it works",
};

/**
 * Entries `{from, to, text, code | label, sign, about}`: `text` replaces what stands between two places.
 * `commands` says whether commands work here.
 */
export function completions(text, caret, workspace, commands) {
  if (!workspace) return [];
  const ways = commands && text.startsWith("/") ? commandsFor(text, workspace.commands) : [];
  if (ways.length) return ways;
  const begun = BEGUN.exec(text.slice(0, caret));
  if (!begun) return [];
  const [, sign, word] = begun;
  const place = { from: caret - word.length - 1, to: caret };
  const found = sign === "@" ? people(word, workspace) : channels(word, workspace);
  if (found.length === 1 && found[0].name === word) return []; // it is all there: Enter sends
  return found.slice(0, MOST).map((entry) => ({ ...place, ...entry, text: `${sign}${entry.name} ` }));
}

/** The commands of the workspace, one entry per way of use: `/fm search <words>`, `/fm status`, … */
function commandsFor(text, commands) {
  const start = text.toLowerCase();
  return commands.flatMap(({ command, description, usage_hint: usage }) => {
    const ways = String(usage || "").split("|").map((way) => way.trim()).filter(Boolean);
    return (ways.length ? ways : [""])
      .map((way) => {
        const fixed = way.split(/[<[]/)[0].trim();
        const typed = `${command} ${fixed}`.trim();
        const takesMore = fixed !== way;
        const about = WHAT[fixed.split(" ")[0]] ?? description;
        return { from: 0, to: text.length, typed, text: takesMore ? `${typed} ` : typed, code: `${command} ${way}`.trim(), about };
      })
      .filter(({ typed }) => typed.startsWith(start.trimEnd()) && start.length <= typed.length + 1);
  });
}

/** The bot first: it is who one mentions here. */
function people(word, workspace) {
  const wanted = word.toLowerCase();
  return [...workspace.users.values()]
    .filter(({ name, real_name: real }) => [name, ...real.split(/\s+/)].some((part) => part.toLowerCase().startsWith(wanted)))
    .sort((a, b) => Number(b.is_bot) - Number(a.is_bot) || a.real_name.localeCompare(b.real_name))
    .map((user) => ({ name: user.name, label: user.real_name, sign: () => avatar(user, "small"), about: `@${user.name}` }));
}

function channels(word, workspace) {
  const wanted = word.toLowerCase();
  return workspace.ordered
    .filter(({ name }) => name.includes(wanted))
    .map((channel) => ({ name: channel.name, label: channel.name, sign: () => icon(channel.is_private ? "lock" : "hash"), about: channel.topic }));
}
