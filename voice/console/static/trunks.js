// The carriers of the settings, and whether they are there.
import { icon, make } from "./dom.js";
import { ask, attempt } from "./api.js";
import { code, empty, heading, row, table } from "./table.js";

function state(trunk) {
  if (!trunk.registers) return null;
  const [text, kind] = trunk.registered === null ? ["registering", ""] : trunk.registered ? ["registered", "good"] : ["not registered", "bad"];
  return make("span", { class: `badge ${kind}` }, text);
}

function target(trunk, each) {
  const [text, kind] = !trunk.watched ? ["not watched", ""] : each.up ? ["up", "good"] : ["down", "bad"];
  return row([code(each.uri), each.hop === each.uri ? "" : code(each.hop), make("span", { class: `badge ${kind}` }, text), each.missed ? `${each.missed} unanswered` : ""]);
}

function card(trunk) {
  return make("section", { class: "card", "aria-label": trunk.name }, make("div", { class: "heading" }, make("h2", {}, icon("trunks"), trunk.name, state(trunk)),
    make("p", { class: "hint" }, `${trunk.live}${trunk.most ? ` of ${trunk.most}` : ""} calls${trunk.refused ? `, ${trunk.refused} refused for lack of room` : ""}`)),
  make("p", {}, "Takes ", ...trunk.prefixes.map((prefix) => make("code", { class: "badge" }, `${prefix}…`)),
    ...(trunk.networks.length ? [" and calls from ", ...trunk.networks.map((network) => make("code", { class: "badge" }, network))] : [])),
  table(`Addresses of ${trunk.name}`, ["Address", "Found at", "State", "OPTIONS"], make("tbody", {}, ...trunk.targets.map((each) => target(trunk, each)))));
}

export function showTrunks(view) {
  const place = make("div", { class: "cards" });
  async function load() {
    const told = await attempt(() => ask("trunks"));
    if (told) place.replaceChildren(...(told.trunks.length ? told.trunks.map(card) : [empty("There is no trunk.", "[[trunk]] in strowger.toml is the way of numbers to a carrier.")]));
  }
  view.replaceChildren(heading("Trunks"), place);
  load();
  const timer = setInterval(load, 2000);
  return () => clearInterval(timer);
}
