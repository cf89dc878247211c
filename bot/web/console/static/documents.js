// The table of documents, its pages, and what can be done with each.

import { ago, count, number } from "./format.js";
import { h } from "./shared/dom.js";

const STAGES = { accept: "waiting", download: "downloading", extract: "reading", embed: "embedding", index: "indexing" };

/** `actions`: `retry(document)`, `forget(document)`, `turn(page)`. */
export function documentTable({ documents, total, page, pages }, now, actions) {
  const head = ["Document", "Status", "Changed", "Actions"].map((name) => h("th", { scope: "col", role: "columnheader" }, name));
  const table = h(
    "table",
    { class: "documents", role: "table" },
    h("caption", { class: "visually-hidden" }, "Documents, the last changed first"),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
    h("tbody", { role: "rowgroup" }, documents.map((one) => row(one, now, actions))),
  );
  return [documents.length ? table : h("p", { class: "faint" }, "There is none."), turning(total, page, pages, actions.turn)];
}

function row(one, now, { retry, forget }) {
  const about = [one.workspace, one.file, one.pages ? `${count(one.pages, "page")}, ${count(one.passages, "passage")}` : null];
  const button = (label, what, style = "") =>
    h("button", { type: "button", class: `button ${style}`, "aria-label": `${label} ${one.title}`, data: { key: `${label}-${one.id}` }, on: { click: () => what(one) } }, label);
  return h(
    "tr",
    { role: "row" },
    h("td", { class: "what", role: "cell" }, h("bdi", {}, one.title), h("small", {}, about.filter(Boolean).join(" · "))),
    h("td", { role: "cell" }, h("span", { class: `badge-status ${one.status}` }, one.status), h("small", {}, progress(one, now))),
    h("td", { class: "when", role: "cell" }, ago(one.changed, now)),
    h("td", { class: "act", role: "cell" }, one.retry ? button("Retry", retry) : null, button("Forget", forget, "danger-text")),
  );
}

function progress(one, now) {
  if (one.status === "processing") {
    const of = one.total ? `, ${number(one.done)} of ${number(one.total)}` : "";
    return `${STAGES[one.stage] ?? one.stage}${of}`;
  }
  const again = one.status === "pending" && one.next_try > now ? `next try in ${Math.ceil(one.next_try - now)} s` : "";
  return [one.reason, one.advice, again].filter(Boolean).map((words) => words.replace(/\.$/, "")).join(". ");
}

function turning(total, page, pages, turn) {
  const button = (label, to) =>
    h("button", { type: "button", class: "button", disabled: to < 1 || to > pages, data: { key: label }, on: { click: () => turn(to) } }, label);
  return h(
    "nav",
    { class: "pages", "aria-label": "Pages of documents" },
    h("span", { class: "faint" }, `${count(total, "document")}, page ${number(page)} of ${number(pages)}`),
    button("Previous", page - 1),
    button("Next", page + 1),
  );
}
