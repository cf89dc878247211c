// Tables, of the `table` block and of Markdown alike.

import { h } from "./dom.js";

const ALIGNED = { left: null, center: "centered", right: "rightward" };

/** A table of rows of cells, each a list of nodes; the first row is its head. `aligned` names sides by column. */
export function table(rows, aligned = []) {
  const [head = [], ...rest] = rows;
  const side = (column) => ALIGNED[aligned[column]] ?? null;
  const cells = (tag, row, scope) => row.map((cell, column) => h(tag, { class: side(column), scope }, cell));
  return h(
    "div",
    { class: "table", tabindex: 0, role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, cells("th", head, "col"))), h("tbody", {}, rest.map((row) => h("tr", {}, cells("td", row, null))))),
  );
}

const SEPARATOR = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** Whether a table in Markdown begins with these two lines. */
export function beginsTable(line, next) {
  return line.includes("|") && next !== undefined && next.includes("-") && SEPARATOR.test(next);
}

/** The cells of one line of Markdown; `\|` is a stroke in a cell. */
export function cellsOf(line) {
  const cells = line.trim().replace(/^\|/, "").split(/(?<!\\)\|/);
  if (cells.at(-1).trim() === "") cells.pop();
  return cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** `left`, `center` or `right` by column, from the line below a table's head. */
export function sidesOf(line) {
  return cellsOf(line).map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left"));
}
