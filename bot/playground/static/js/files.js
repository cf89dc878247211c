// Files as cards.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const ICONS = [
  [/pdf/, "text", "red"],
  [/csv|sheet|excel/, "table", "green"],
  [/presentation|powerpoint/, "slides", "orange"],
  [/^image\//, "image", "purple"],
  [/zip|tar|compressed/, "archive", "grey"],
  [/json|yaml|xml|python|javascript|x-|html/, "code", "teal"],
  [/^text\/|word|document/, "text", "blue"],
];

/** One shared file. `remove` is given when this person may delete it. */
export function fileCard(file, remove) {
  const size = file.url ? fileSize(file.size) : null;
  const about = [file.pretty_type, size].filter(Boolean).join(" · ");
  const name = file.url ? file.title || file.name : "This file was deleted";
  const body = [
    fileIcon(file.mimetype),
    h("span", { class: "file-words" }, h("bdi", { class: "file-name", title: name }, name), h("span", { class: "file-about" }, file.url ? about : file.name)),
  ];
  if (!file.url) return h("div", { class: "file gone" }, body);
  const open = { class: "file-open", href: file.url, download: file.name, data: { key: `file-${file.id}` } };
  return h(
    "div",
    { class: "file" },
    h("a", { ...open, "aria-label": `Download ${name}, ${about}` }, body, icon("download", "icon file-hint")),
    remove &&
      h(
        "button",
        { type: "button", class: "icon-button", title: "Delete file", "aria-label": `Delete the file ${name}`, on: { click: remove } },
        icon("trash"),
      ),
  );
}

/** The square that tells a file's type by colour and shape. */
export function fileIcon(mimetype) {
  const [, name, color] = ICONS.find(([pattern]) => pattern.test(mimetype)) ?? [null, "file", "grey"];
  return h("span", { class: `file-icon ${color}`, "aria-hidden": "true" }, icon(name));
}

/** `41.2 kB`. */
export function fileSize(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit ? amount.toFixed(amount < 10 ? 1 : 0) : amount} ${amount === 1 && !unit ? "byte" : units[unit]}`;
}
