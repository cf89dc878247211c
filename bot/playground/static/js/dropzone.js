// Files dropped anywhere on a pane.

import { filesOf } from "./attachments.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** `target()` names where files would go, or is null when they can't; `take(files)` gets them. */
export function dropzone(pane, { target, take }) {
  const words = h("span");
  const overlay = h("div", { class: "drop", hidden: true, "aria-hidden": "true" }, icon("clip"), words);
  pane.append(overlay);
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const hide = () => {
    overlay.hidden = true;
  };
  pane.addEventListener("dragover", (event) => {
    const where = hasFiles(event) && target();
    if (!where) return;
    event.preventDefault();
    words.textContent = `Drop to share in ${where}`;
    overlay.hidden = false;
  });
  pane.addEventListener("dragleave", (event) => {
    if (!pane.contains(event.relatedTarget)) hide();
  });
  pane.addEventListener("drop", (event) => {
    hide();
    if (!hasFiles(event) || !target()) return;
    event.preventDefault();
    take(filesOf(event.dataTransfer));
  });
}

/** A file dropped beside a pane must not replace the page. */
export function keepDropsFromLeaving() {
  for (const type of ["dragover", "drop"]) {
    window.addEventListener(type, (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
    });
  }
}
