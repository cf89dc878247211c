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

/** One shared file. `open(file)` shows a text on the page; `remove` is given when this person may delete it. */
export function fileCard(file, open, remove) {
  const name = file.url ? file.title || file.name : "This file was deleted";
  const about = file.url ? [file.pretty_type, fileSize(file.size)].filter(Boolean).join(" · ") : file.name;
  const head = [
    fileIcon(file.mimetype),
    h("span", { class: "file-words" }, h("bdi", { class: "file-name", title: name }, name), h("span", { class: "file-about" }, about)),
  ];
  if (!file.url) return h("div", { class: "file gone" }, head);
  const { lines, more, picture } = file.preview;
  return h(
    "div",
    { class: "file" },
    h(
      "div",
      { class: "file-head" },
      h("a", { class: "file-open", href: file.url, download: file.name, "aria-label": `Download ${name}, ${about}`, data: { key: `file-${file.id}` } }, head, icon("download", "icon file-hint")),
      remove && iconButton("trash", `Delete the file ${name}`, remove),
    ),
    lines && snippet(lines, more, () => open(file), name),
    picture && thumbnail(picture, name, file.mimetype),
  );
}

/** The first lines of a text; all of it opens on the page. */
function snippet(lines, more, open, name) {
  return h(
    "button",
    { type: "button", class: "snippet", title: "Read it here", "aria-label": `Read ${name}`, on: { click: open } },
    h("span", { class: more ? "snippet-text cut" : "snippet-text" }, lines.join("\n")),
  );
}

/** A picture of the file from our own server; without one the card stays as it is. */
function thumbnail(address, name, mimetype) {
  const image = h("img", { class: mimetype === "application/pdf" ? "thumbnail page" : "thumbnail", src: address, alt: `Preview of ${name}`, loading: "lazy" });
  image.addEventListener("error", () => image.remove());
  return image;
}

function iconButton(name, label, click) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, on: { click } }, icon(name));
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
