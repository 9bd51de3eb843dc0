// Live calls, pushed, and the calls of the store.
import { make } from "./dom.js";

const COLUMNS = ["From", "To", "Direction", "Status", "Seconds", "Call"];

function row(call, seconds, last) {
  return make("tr", {}, make("td", {}, call.from), make("td", {}, call.to), make("td", {}, call.direction),
    make("td", {}, make("span", { class: "badge" }, call.status)), make("td", {}, seconds ?? ""),
    make("td", {}, make("a", { href: `#/calls/${call.sid}` }, `${call.sid.slice(0, 10)}…`)), ...(last ? [make("td", {}, last)] : []));
}

function table(caption, columns, body) {
  return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
    make("table", {}, make("thead", {}, make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name)))), body));
}

export function showLive(view, console_) {
  const heading = make("h1", {}, "Live calls"), body = make("tbody"), state = make("p", { role: "status" }, "Connecting …");
  const admin = console_.session.role === "admin";
  view.replaceChildren(heading, state, table("Live calls", admin ? [...COLUMNS, "Action"] : COLUMNS, body));
  const source = new EventSource("/console/live");
  source.addEventListener("message", (event) => {
    const picture = JSON.parse(event.data);
    state.textContent = picture.count === 0 ? "Nobody is calling." : `${picture.count} live`;
    body.replaceChildren(...picture.calls.map((call) => row(call, call.seconds, admin
      ? make("button", { type: "button", "aria-label": `Hang up ${call.from}`, click: () => console_.ask(`/console/calls/${call.sid}`, "DELETE") }, "Hang up") : null)));
  });
  source.addEventListener("error", () => { state.textContent = "The switch does not answer; trying again."; });
  return () => source.close();
}

export function showHistory(view, console_) {
  const body = make("tbody"), words = make("input", { type: "search", id: "words" });
  let page = 0;
  const back = make("button", { type: "button", click: () => { page -= 1; load(); } }, "Newer");
  const on = make("button", { type: "button", click: () => { page += 1; load(); } }, "Older");
  async function load() {
    const answer = await console_.ask(`/console/calls?q=${encodeURIComponent(words.value)}&page=${page}`);
    if (!answer) return;
    back.disabled = page === 0;
    on.disabled = !answer.more;
    body.replaceChildren(...answer.calls.map((call) => row(call, call.duration)));
  }
  words.addEventListener("input", () => { page = 0; load(); });
  view.replaceChildren(make("h1", {}, "History"), make("div", { class: "tools" }, make("label", { for: "words" }, "Number, SID or status"), words, back, on),
    table("History", COLUMNS, body));
  load();
  return () => {};
}
