// The calls that live, as they are pushed: only what has changed is touched.
import { button, make } from "./dom.js";
import { ask, attempt, isAdmin, listen } from "./api.js";
import { clock, height, level, wayOf } from "./format.js";
import { callLink, confirm, empty, heading, link, table } from "./table.js";
import { listenIn } from "./listen.js";

const COLUMNS = ["From", "To", "Way", "Status", "Time", "Level", "Call"];

function meter() {
  const said = make("i"), heard = make("i");
  const element = make("span", { class: "meter", "aria-hidden": "true" }, said, heard);
  return { element, show: (codes) => [said, heard].forEach((bar, way) => { bar.style.transform = `scaleX(${height(level(codes[way]))})`; }) };
}

class CallRow {
  constructor(call) {
    this.parent = call.parent;
    this.cells = COLUMNS.map(() => make("td"));
    this.meter = meter();
    this.cells[5].append(this.meter.element);
    this.caller = link(`#/calls/${call.sid}`, call.from);
    this.cells[0].append(this.caller);
    this.cells[6].append(callLink(call.sid));
    const tools = isAdmin() ? [make("td", { class: "actions" },
      button("", () => listenIn(call.sid, `${call.from} → ${call.to}`), { icon: "ear", title: `Listen to ${call.from}` }),
      button("Hang up", () => attempt(() => ask(`calls/${call.sid}`, "DELETE"), "Hung up."), { kind: "danger", title: `Hang up ${call.from}` }))] : [];
    this.element = make("tr", { class: call.parent ? "leg" : null }, ...this.cells, ...tools);
    this.update(call);
  }

  update(call) {
    this.since = call.since;
    this.caller.textContent = call.from;
    this.cells[1].textContent = call.to;
    this.cells[2].textContent = wayOf(call.direction);
    this.cells[3].replaceChildren(make("span", { class: `badge ${call.status}` }, call.status),
      ...(call.reports ? [make("span", { class: "badge bad", title: "Errors and warnings" }, `${call.reports} !`)] : []));
  }
}

function tile(name, hint) {
  const value = make("b", {}, "–");
  return { element: make("div", { class: "tile", title: hint }, make("span", {}, name), value), value };
}

const TILES = [
  ["Calls", "Legs that live, and how many may", (told) => `${told.count} / ${told.state.calls_limit ?? "–"}`],
  ["In conferences", "Conferences that live", (told) => told.state.conferences_live ?? 0],
  ["Queued", "Callers who wait in a queue", (told) => told.state.callers_queued ?? 0],
  ["Streams", "Streams to applications", (told) => told.state.streams_live ?? 0],
  ["Phones", "Phones that are registered", (told) => told.state.contacts_registered ?? 0],
  ["Tick p99", "How long the audio of all calls takes, of the 20 ms there are", (told) => told.state.tick_p99_seconds === undefined ? "–" : `${(1000 * told.state.tick_p99_seconds).toFixed(1)} ms`],
  ["Late ticks", "Ticks that began more than 20 ms late", (told) => told.state.ticks_late_total ?? 0],
];

export function showLive(view) {
  const rows = new Map(), body = make("tbody"), tiles = TILES.map(([name, hint]) => tile(name, hint));
  const state = make("p", { role: "status", class: "state" }, "Connecting …");
  const nobody = empty("Nobody is calling.", "Dial a number of the switch, or write TwiML and call it.");
  const calls = table("Live calls", isAdmin() ? [...COLUMNS, ""] : COLUMNS, body);
  calls.classList.add("calls");
  const all = isAdmin() ? button("Hang up on everybody", () => confirm("Hang up on everybody?", `${rows.size} calls end.`, "Hang up",
    () => Promise.allSettled([...rows].filter(([, row]) => !rows.has(row.parent)).map(([sid]) => ask(`calls/${sid}`, "DELETE")))), { icon: "end" }) : null;
  view.replaceChildren(heading("Live calls", state, all), make("div", { class: "tiles" }, ...tiles.map((each) => each.element)), nobody, calls);
  let offset = 0;

  function take(told) {
    offset = told.now - performance.now() / 1000;
    if (told.all) {
      const there = new Set(told.all.map((call) => call.sid));
      for (const sid of rows.keys()) if (!there.has(sid)) remove(sid);
    }
    for (const sid of told.gone ?? []) remove(sid);
    for (const call of told.all ?? told.put) put(call);
    for (const [sid, row] of rows) row.meter.show(told.levels[sid] ?? "AA");
    TILES.forEach(([, , value], number) => { tiles[number].value.textContent = value(told); });
    state.textContent = told.count === 1 ? "1 live" : `${told.count} live`;
    nobody.hidden = told.count > 0;
    calls.hidden = told.count === 0;
    if (all) all.hidden = told.count < 2;
    count();
  }

  function put(call) {
    const known = rows.get(call.sid);
    if (known) { known.update(call); return; }
    const row = new CallRow(call);
    rows.set(call.sid, row);
    const parent = rows.get(call.parent);
    if (parent) parent.element.after(row.element);
    else body.append(row.element);
  }

  function remove(sid) {
    rows.get(sid)?.element.remove();
    rows.delete(sid);
  }

  function count() {
    const now = performance.now() / 1000 + offset;
    for (const row of rows.values()) row.cells[4].textContent = clock(now - row.since);
  }

  nobody.hidden = calls.hidden = true;
  if (all) all.hidden = true;
  const close = listen("live", take, (open) => { if (!open) state.textContent = "The switch does not answer; trying again."; });
  const timer = setInterval(count, 1000);
  return () => { close(); clearInterval(timer); };
}
