// Where the page is, kept in the address: #/CHANNEL, #/CHANNEL/MESSAGE, #/CHANNEL/MESSAGE/THREAD.
// With a thread open and no message meant, the middle is empty: #/CHANNEL//THREAD.
// The app's own page is the tab beside its direct messages: #/CHANNEL/home.

const PERMALINK = /^\/archives\/([A-Z0-9]+)\/p(\d{1,15})(\d{6})$/;
const HOME = "home";

/** `{channel, ts, thread, home}`; what the address doesn't name is "". */
export function parseRoute(hash) {
  const [channel = "", ts = "", thread = ""] = /^#\//.test(hash) ? hash.slice(2).split("/").map(decoded) : [];
  return ts === HOME ? { channel, ts: "", thread: "", home: true } : { channel, ts, thread, home: false };
}

/** The address of a route. */
export function hashOf({ channel, ts = "", thread = "", home = false }) {
  if (home) return `#/${encodeURIComponent(channel)}/${HOME}`;
  const parts = thread ? [channel, ts, thread] : ts ? [channel, ts] : [channel];
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** The route a permalink of this workspace leads to, or null. */
export function routeOf(url) {
  const found = url.origin === location.origin && PERMALINK.exec(url.pathname);
  if (!found) return null;
  const thread = url.searchParams.get("thread_ts") ?? "";
  return { channel: found[1], ts: `${found[2]}.${found[3]}`, thread };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return ""; // not an address of ours
  }
}
