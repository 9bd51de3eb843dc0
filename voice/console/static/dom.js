// Elements from names, attributes and children. Strings become text, never markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

const ICONS = {
  live: "M2 12h4l3-8 5 16 3-8h5",
  history: "M12 7v5l3 2M3.5 9A9 9 0 1 1 3 13M3 4v5h5",
  conferences: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm-6 9c0-4 3-6 6-6s6 2 6 6M16 5a3 3 0 0 1 0 6m2 3c3 1 4 3 4 6",
  queues: "M4 6h16M4 12h16M4 18h9",
  numbers: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  applications: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  domains: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  trunks: "M3 7h13l-3-3M21 17H8l3 3",
  twiml: "m8 7-5 5 5 5M16 7l5 5-5 5M14 4l-4 16",
  phone: "M5 3h4l2 5-3 2a12 12 0 0 0 6 6l2-3 5 2v4a2 2 0 0 1-2 2A17 17 0 0 1 3 5a2 2 0 0 1 2-2z",
  ear: "M7 17a3 3 0 0 0 5 2c1-2 5-4 5-9A5.500 5.500 0 0 0 6 9M9 10a2.500 2.500 0 0 1 5 0c0 2-3 2-3 5",
  why: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2m0 3v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  end: "M3 15c5-6 13-6 18 0l-3 2.500-4-2V12a8 8 0 0 0-4 0v3.500l-4 2z",
  edit: "m4 20 1-4L16 5l3 3L8 19zM14 7l3 3",
  mute: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M4 4l16 16",
};

export function icon(name) {
  return draw("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, draw("path", { d: ICONS[name] }));
}

export function button(label, click, { icon: name, kind, title, disabled, pressed } = {}) {
  return make("button", { type: "button", class: kind ?? null, click, title, disabled, "aria-label": title ?? null, "aria-pressed": pressed === undefined ? null : String(pressed) },
    name ? icon(name) : null, label ? make("span", {}, label) : null);
}

// Draws again without taking the focus from who works with the keyboard.
export function redraw(place, ...children) {
  const active = place.contains(document.activeElement) ? [...place.querySelectorAll("button, a")].indexOf(document.activeElement) : -1;
  place.replaceChildren(...children);
  if (active >= 0) place.querySelectorAll("button, a")[active]?.focus({ preventScroll: true });
}
