// Message ids are times: seconds since the epoch with a fraction.

const formats = {
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  day: { weekday: "long", month: "long", day: "numeric" },
};
const formatters = new Map(
  Object.entries(formats).map(([name, options]) => [name, new Intl.DateTimeFormat(undefined, options)]),
);

/** The Date of a message's ts. */
export function dateOf(ts) {
  return new Date(Number(ts) * 1000);
}

/** `12:04` in the reader's own way of writing times. */
export function clock(date) {
  return formatters.get("time").format(date);
}

/** `Today`, `Yesterday`, or the day's name and date. */
export function dayName(date) {
  return pretty(date) ?? formatters.get("day").format(date);
}

/** A whole moment, for tooltips. */
export function moment(date) {
  return `${formatters.get("date_long").format(date)}, ${formatters.get("time_secs").format(date)}`;
}

/** Slack's date tokens in `<!date^…>`: `{date_short_pretty} at {time}`. */
export function slackDate(seconds, pattern, fallback) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return pattern.replace(/\{([a-z_]+)\}/g, (token, name) => oneToken(date, name) ?? token);
}

function oneToken(date, name) {
  if (name === "ago") return ago(date);
  if (name === "date_num") return date.toISOString().slice(0, 10);
  const plain = name.replace(/_pretty$/, "");
  const day = plain === name ? null : pretty(date)?.toLowerCase();
  return day ?? formatters.get(plain)?.format(date);
}

function pretty(date) {
  const now = new Date();
  const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  return { 0: "Today", 1: "Yesterday", "-1": "Tomorrow" }[days] ?? null;
}

function ago(date) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", Infinity]];
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  let amount = seconds;
  for (const [unit, length] of steps) {
    if (Math.abs(amount) < length) return words.format(Math.round(amount), unit);
    amount /= length;
  }
  return "";
}
