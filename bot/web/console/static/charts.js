// Two small charts of the last hour, drawn as SVG.

import { h } from "./shared/dom.js";
import { number } from "./format.js";

const WIDTH = 600;
const HEIGHT = 120;
const HOUR_S = 3600;
const MINUTE_S = 60;

/** How many documents waited, as an area. */
export function waitingChart(samples, now) {
  const points = samples.filter(({ at }) => now - at <= HOUR_S).map(({ at, waiting }) => [at, waiting]);
  const most = Math.max(0, ...points.map(([, value]) => value));
  const place = ([at, value]) => `${x(at, now).toFixed(1)},${y(value, most).toFixed(1)}`;
  const shapes = [];
  if (points.length > 1) {
    const [first, last] = [points[0], points.at(-1)].map(([at]) => x(at, now).toFixed(1));
    shapes.push(svg("polygon", { class: "area", points: `${first},${HEIGHT} ${points.map(place).join(" ")} ${last},${HEIGHT}` }));
  }
  const latest = points.at(-1)?.[1] ?? 0;
  return card("Waiting or being read", latest, most, shapes);
}

/** How many documents were indexed in each minute, as bars. */
export function throughputChart(samples, now) {
  const minutes = new Array(HOUR_S / MINUTE_S).fill(0);
  for (const { at, indexed } of samples) {
    const bin = minutes.length - 1 - Math.floor((now - at) / MINUTE_S);
    if (bin >= 0 && bin < minutes.length) minutes[bin] += indexed;
  }
  const most = Math.max(...minutes);
  const step = WIDTH / minutes.length;
  const shapes = minutes
    .map((value, position) => value && svg("rect", { class: "bar", x: position * step + 1, y: y(value, most), width: step - 2, height: HEIGHT - y(value, most) }))
    .filter(Boolean);
  return card("Indexed a minute", minutes.at(-1), most, shapes);
}

function card(title, latest, most, shapes) {
  const label = `${title}: ${number(latest)} now, at most ${number(most)} in the last hour`;
  const axis = svg("line", { class: "axis", x1: 0, y1: HEIGHT - 0.5, x2: WIDTH, y2: HEIGHT - 0.5 });
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label });
  picture.append(...shapes, axis);
  return h(
    "div",
    { class: "card" },
    h("div", { class: "card-head" }, h("h2", {}, title), h("span", { class: "faint" }, `${number(latest)} now, most ${number(most)}`)),
    picture,
    h("div", { class: "scale", "aria-hidden": "true" }, h("span", {}, "an hour ago"), h("span", {}, "now")),
  );
}

function x(at, now) {
  return WIDTH * (1 - (now - at) / HOUR_S);
}

function y(value, most) {
  return HEIGHT - (value / Math.max(most, 1)) * (HEIGHT - 6);
}

function svg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
