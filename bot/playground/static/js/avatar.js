// Coloured initials for people, a magnifier for the bot.

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** A square with the initials of a user of the workspace. Decoration: the name stands beside it. */
export function avatar(user, className = "") {
  if (user?.is_bot) return h("span", { class: `avatar bot ${className}`, "aria-hidden": "true" }, icon("search"));
  const square = h("span", { class: `avatar ${className}`, "aria-hidden": "true" }, initials(user?.real_name ?? "?"));
  if (/^[0-9a-f]{6}$/i.test(user?.color ?? "")) {
    square.style.backgroundColor = `#${user.color}`;
    square.style.color = isBright(user.color) ? "#000" : "#fff";
  }
  return square;
}

function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const letters = words.slice(0, 2).map((word) => [...word][0]);
  return letters.join("").toUpperCase() || "?";
}

/** Whether dark letters are easier to read on a colour than white ones (WCAG relative luminance). */
function isBright(hex) {
  const [r, g, b] = [0, 2, 4].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18;
}
