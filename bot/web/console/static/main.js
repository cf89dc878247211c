// Asks every two seconds while somebody looks, and shows what has changed.

import * as api from "./api.js";
import { throughputChart, waitingChart } from "./charts.js";
import { documentTable } from "./documents.js";
import { asked, figures, health } from "./panels.js";
import { confirmed } from "./shared/dialogs.js";
import { announce, coalesced, h, replaceKeepingFocus } from "./shared/dom.js";

const EVERY_MS = 2000;
const STATUSES = ["", "pending", "processing", "indexed", "failed"];
const byId = (id) => document.getElementById(id);
const wanted = { status: "", words: "", page: 1 };
const shown = new Map(); // what each place shows, as JSON: the same again is left alone

const refresh = coalesced(async () => {
  const live = byId("live");
  try {
    const [now, documents] = await Promise.all([api.overview(), api.documents(wanted)]);
    byId("whose").textContent = now.workspace ?? "console";
    show("now", [now.counts, now.waiting], () => figures(now));
    byId("charts").hidden = !now.samples; // of all workspaces together: not for one's admins
    if (now.samples) show("charts", [now.samples, now.health], () => [waitingChart(now.samples, now.now), throughputChart(now.samples, now.now), health(now.health)]);
    show("documents", [documents, Math.floor(now.now / 10)], () => documentTable(documents, now.now, actions));
    show("asked", [now.insights, now.votes, Math.floor(now.now / 60)], () => asked(now));
    say(live, "Live", false);
  } catch (error) {
    say(live, error.message, true);
  }
});

const actions = {
  turn: (page) => filter({ page }),
  retry: (one) => act(one, "retry", `${one.title} is read again.`),
  async forget(one) {
    const words = `“${one.title}” is found no more, in no channel, and is never read again, even if it is shared anew.`;
    if (await confirmed({ title: "Forget this document?", words, action: "Forget it", danger: true })) await act(one, "forget", `${one.title} is forgotten.`);
  },
};

async function act(one, what, done) {
  const failed = byId("failed");
  failed.textContent = "";
  try {
    await api.change(one.id, what);
    announce(done);
  } catch (error) {
    failed.textContent = error.message;
  }
  await refresh();
}

function filter(change) {
  Object.assign(wanted, { page: 1 }, change);
  refresh();
}

function show(id, state, make) {
  const text = JSON.stringify(state);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  replaceKeepingFocus(byId(id), make());
}

function say(live, words, down) {
  if (live.textContent !== words) live.textContent = words;
  live.classList.toggle("down", down);
}

byId("status").append(...STATUSES.map((one) => h("option", { value: one }, one || "all")));
byId("status").addEventListener("change", (event) => filter({ status: event.target.value }));
byId("words").addEventListener("input", (event) => filter({ words: event.target.value }));
byId("theme").addEventListener("click", () => window.toggleTheme());
byId("logout").addEventListener("click", () => api.logout().catch((error) => say(byId("live"), error.message, true)));
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.hidden || refresh(), EVERY_MS);
refresh();
