// Line icons on a 24 × 24 grid, drawn for this page.

const NS = "http://www.w3.org/2000/svg";

const PATHS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M3.5 15h16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  keyboard: "M3 6.500h18v11H3zM6.500 10h.01M10 10h.01M13.500 10h.01M17 10h.01M8 14h8",
  clip: "m20 11-8.2 8.2a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.2 8.2a1.7 1.7 0 0 1-2.4-2.4L14.5 7.3",
  send: "M4 12 3.5 4.5 21 12 3.5 19.5zM4 12h8",
  close: "m6 6 12 12M18 6 6 18",
  contrast: "M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  plus: "M12 5v14M5 12h14",
  reply: "M4 5h16v11h-8l-5 4v-4H4z",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5",
  menu: "M4 6h16M4 12h16M4 18h16",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  people: "M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11zM3 19.5c.3-3.6 2.6-5.5 6-5.5s5.700 1.900 6 5.500M15.500 4.900a3.200 3.200 0 0 1 0 5.800M17.500 14.500c2 .7 3.200 2.400 3.500 5",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500 20 20",
  down: "M12 5v13M6.500 12.500 12 18l5.500-5.500",
  check: "m5 12.500 4.500 4.500L19 7.500",
  thumb: "M7 11v9H4v-9zM7 11l4-7c1.500 0 2.500 1.200 2.100 3l-.8 3.500h5.700c1.200 0 2 1 1.700 2.200l-1.500 6c-.2.800-.9 1.300-1.700 1.300H7",
  download: "M12 4v10.500M7.500 10.500 12 15l4.500-4.500M5 19.500h14",
  file: "M6.500 3.500h7.500l4 4v13H6.500zM13.500 3.500V8H18",
  text: "M6.500 3.500h7.500l4 4v13H6.500zM13.500 3.500V8H18M9.500 12h5.500M9.500 15.500h5.500",
  table: "M4 5h16v14H4zM4 10h16M4 14.500h16M10 5v14",
  code: "m8.500 8-4.500 4 4.500 4M15.500 8l4.500 4-4.500 4M13.500 5.500l-3 13",
  image: "M4 5h16v14H4zM4 16l4.500-4.500 4 4 2.500-2.500 5 5M15.500 9.500h.01",
  slides: "M4 5h16v11H4zM12 16v4M8.500 20h7",
  archive: "M5 4h14v16H5zM12 4v2M12 8v2M12 12v2M10.500 15.500h3v2.500h-3z",
};

/** An icon as an element; decoration only, so name the button that holds it. */
export function icon(name, className = "icon") {
  const svg = document.createElementNS(NS, "svg");
  const path = document.createElementNS(NS, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name] ?? PATHS.file);
  svg.append(path);
  return svg;
}
