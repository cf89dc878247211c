// What is not a document: figures of now, health, questions, votes.

import { ago, count, number, span } from "./format.js";
import { h } from "./shared/dom.js";

/** The figures at the top; what waits is told to operators alone. */
export function figures({ counts, waiting }) {
  return h(
    "dl",
    { class: "figures" },
    figure("indexed", counts.indexed),
    figure("being read", counts.processing),
    figure("waiting", counts.pending),
    figure("failed", counts.failed, counts.failed > 0),
    waiting ? waits(waiting) : [],
  );
}

function waits({ oldest_s: oldest, events, questions, parked }) {
  return [
    figure("longest wait", span(oldest)),
    figure("events waiting", events),
    figure("open questions", questions),
    parked ? figure("events given up", parked, true) : [],
  ];
}

function figure(name, value, bad = false) {
  const shown = typeof value === "number" ? number(value) : value;
  return h("div", { class: bad ? "figure bad" : "figure" }, h("dt", {}, name), h("dd", {}, shown));
}

/** Each dependency, and what is wrong with it. */
export function health(found) {
  const lines = Object.entries(found).map(([name, state]) =>
    h("li", {}, name.replaceAll("_", " "), h("span", { class: state === "ok" ? "ok" : "bad" }, state)),
  );
  return h("div", { class: "card" }, h("h2", {}, "Health"), h("ul", { class: "plain" }, lines));
}

/** What was asked in vain, what was voted down, and the votes. */
export function asked({ insights, votes, now }) {
  const { searches, found_nothing: nothing, voted_up: up, voted_down: down, days } = insights;
  const summary = `${count(searches, "question")} in ${count(days, "day")}: ${number(nothing)} found nothing, ${number(up)} helped, ${number(down)} did not`;
  return [
    list("Asked in vain", insights.in_vain.map(times), summary),
    list("Answered badly", insights.unhelpful.map(times)),
    list("Votes", votes.map((vote) => voted(vote, now))),
  ];
}

function list(title, lines, summary = null) {
  return h(
    "div",
    { class: "card" },
    h("h2", {}, title),
    summary ? h("p", { class: "faint" }, summary) : null,
    lines.length ? h("ul", { class: "plain" }, lines) : h("p", { class: "faint" }, "None yet."),
  );
}

function times({ query, times: number_ }) {
  return h("li", {}, h("bdi", {}, query), h("span", { class: "faint" }, `${number(number_)} ×`));
}

function voted({ query, vote, comment, at }, now) {
  const words = h("span", {}, h("bdi", {}, query), comment ? h("small", {}, h("bdi", {}, comment)) : null, h("small", {}, ago(at, now)));
  return h("li", {}, words, h("span", { class: vote > 0 ? "ok" : "bad" }, vote > 0 ? "helped" : "did not"));
}
