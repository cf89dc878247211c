// Builds elements. Whatever comes from the server goes in as text nodes and attributes made here;
// nothing on this page ever parses HTML.

/**
 * An element. `props`: `class`, `on` (listeners), `data` (data-* attributes), anything else is an
 * attribute (true: present, false and null: absent). Children: nodes, strings, arrays; null is left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    } else if (name === "data") {
      for (const [key, item] of Object.entries(value)) if (item !== null) element.dataset[key] = item;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...nodes(children));
  return element;
}

/** Flat list of nodes and strings, without null. */
export function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replace what an element holds; the element with the same `data-key` keeps the keyboard's focus. */
export function replaceKeepingFocus(parent, ...children) {
  const key = focusedKey(parent);
  parent.replaceChildren(...nodes(children));
  focusKey(parent, key);
}

/** The `data-key` of the focused element inside `parent`, or null. */
export function focusedKey(parent) {
  const active = document.activeElement;
  return active && parent.contains(active) ? (active.dataset.key ?? null) : null;
}

/** Focus the element inside `parent` with this `data-key`, if there is one. */
export function focusKey(parent, key) {
  if (key === null) return;
  for (const element of parent.querySelectorAll("[data-key]")) {
    if (element.dataset.key === key) element.focus({ preventScroll: true });
  }
}

/** Read an announcement to people who use a screen reader. */
export function announce(text) {
  document.getElementById("announcer").textContent = text.slice(0, 300);
}

/** Whether the page is as narrow as a phone: the side panes then cover the channel. */
export function isNarrow() {
  return matchMedia("(max-width: 760px)").matches;
}

/**
 * A function that runs `work` at once, and once more if it was called again meanwhile: however many
 * changes arrive in a burst, at most two runs follow each other. Its promise is fulfilled after them.
 */
export function coalesced(work) {
  let running = null;
  let again = false;
  return () => {
    again = true;
    running ??= (async () => {
      try {
        while (again) {
          again = false;
          await work();
        }
      } finally {
        running = null;
      }
    })();
    return running;
  };
}
