// Numbers and times as people read them.

const UNITS = [
  ["day", 86_400],
  ["h", 3600],
  ["min", 60],
];

export function number(value) {
  return value.toLocaleString("en");
}

/** `12 s`, `5 min`, `3 h`, `2 days`. */
export function span(seconds) {
  for (const [unit, length] of UNITS) {
    if (seconds < length) continue;
    const count = Math.floor(seconds / length);
    return unit === "day" && count > 1 ? `${count} days` : `${count} ${unit}`;
  }
  return `${Math.max(Math.floor(seconds), 0)} s`;
}

export function ago(at, now) {
  return `${span(now - at)} ago`;
}

export function count(value, noun) {
  return `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}
