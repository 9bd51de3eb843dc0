// The carriers of the settings, whether they are there, and what goes through them.
import { button, icon, make, redraw } from "./dom.js";
import { ask, attempt, isAdmin } from "./api.js";
import { milliseconds } from "./format.js";
import { callLink, code, confirm, empty, heading, row, table } from "./table.js";

const ANSWER_SECONDS = 2; // that an OPTIONS may take before its silence is told

function state(trunk) {
  if (!trunk.registers) return null;
  const [text, kind] = trunk.registered === null ? ["registering", ""] : trunk.registered ? ["registered", "good"] : ["not registered", "bad"];
  return make("span", { class: `badge ${kind}` }, text);
}

// What came of the last OPTIONS.
function answer(each) {
  const missed = each.missed ? `, ${each.missed} unanswered` : "";
  if (each.asked === null) return "never asked";
  if (each.code !== undefined) return `${each.code} in ${milliseconds(each.seconds)}${missed}`;
  return each.asked < ANSWER_SECONDS ? "asking …" : `no answer for ${Math.round(each.asked)} s${missed}`;
}

function target(trunk, each) {
  const known = trunk.watched || each.code !== undefined || each.missed;
  const [text, kind] = !known ? ["not watched", ""] : each.up ? ["up", "good"] : ["down", "bad"];
  return row([code(each.uri), each.hop === each.uri ? "" : code(each.hop), make("span", { class: `badge ${kind}` }, text), answer(each)]);
}

function call(each) {
  const tools = isAdmin() ? [button("Hang up", () => attempt(() => ask(`calls/${each.sid}`, "DELETE"), "Hung up."), { kind: "danger", title: `Hang up ${each.to}` })] : null;
  return row([each.from, each.to, make("span", { class: `badge ${each.status}` }, each.status), callLink(each.sid)], tools);
}

function card(trunk, load) {
  const order = (action, done) => attempt(() => ask("trunks", "POST", { name: trunk.name, action }), done).then(load);
  const pause = () => confirm(`Pause ${trunk.name}?`, "No more calls go through it until it is resumed or the switch is restarted; those that are up go on.", "Pause", () => order("pause"));
  const tools = isAdmin() ? [
    button("Ask now", () => order("ask"), { title: `Ask now whether ${trunk.name} is there` }),
    trunk.paused ? button("Resume", () => order("resume", "It takes calls again."), { title: `Resume ${trunk.name}` }) : button("Pause", pause, { kind: "danger", title: `Pause ${trunk.name}` }),
  ] : [];
  const room = `${trunk.live}${trunk.most ? ` of ${trunk.most}` : ""} calls${trunk.refused ? `, ${trunk.refused} refused for lack of room` : ""}`;
  return make("section", { class: "card", "aria-label": trunk.name },
    make("div", { class: "heading" }, make("h2", {}, icon("trunks"), trunk.name, state(trunk), trunk.paused ? make("span", { class: "badge bad" }, "paused") : null), make("div", { class: "tools" }, ...tools)),
    make("p", {}, make("span", { class: "hint" }, `${room}. `), "Takes ", ...trunk.prefixes.map((prefix) => make("code", { class: "badge" }, `${prefix}…`)),
      ...(trunk.networks.length ? [" and calls from ", ...trunk.networks.map((network) => make("code", { class: "badge" }, network))] : [])),
    table(`Addresses of ${trunk.name}`, ["Address", "Found at", "State", "OPTIONS"], make("tbody", {}, ...trunk.targets.map((each) => target(trunk, each)))),
    trunk.calls.length ? table(`Calls through ${trunk.name}`, ["From", "To", "Status", "Call", ...(isAdmin() ? [""] : [])], make("tbody", {}, ...trunk.calls.map(call))) : null);
}

export function showTrunks(view) {
  const place = make("div", { class: "cards" });
  async function load() {
    const told = await attempt(() => ask("trunks"));
    if (told) redraw(place, ...(told.trunks.length ? told.trunks.map((each) => card(each, load)) : [empty("There is no trunk.", "[[trunk]] in strowger.toml is the way of numbers to a carrier.")]));
  }
  view.replaceChildren(heading("Trunks"), place);
  load();
  const timer = setInterval(load, 2000);
  return () => clearInterval(timer);
}
