// The calls of the store, the newest first.
import { button, make } from "./dom.js";
import { ask, attempt } from "./api.js";
import { clock, moment, wayOf } from "./format.js";
import { callLink, empty, heading, row, table } from "./table.js";

const COLUMNS = ["Began", "From", "To", "Way", "Status", "Time", "Call"];
const PAUSE_MS = 250; // every search goes through all calls

export function showHistory(view) {
  const body = make("tbody"), words = make("input", { type: "search", id: "words", placeholder: "Number, SID or status" });
  let page = 0, asked = 0, timer = 0;
  const back = button("Newer", () => { page -= 1; load(); }), on = button("Older", () => { page += 1; load(); });
  const nothing = empty("No call is like that."), calls = table("History", COLUMNS, body);
  async function load() {
    const number = (asked += 1);
    const answer = await attempt(() => ask(`calls?q=${encodeURIComponent(words.value)}&page=${page}`));
    if (!answer || number !== asked) return;
    back.disabled = page === 0;
    on.disabled = !answer.more;
    nothing.hidden = answer.calls.length > 0;
    calls.hidden = !answer.calls.length;
    body.replaceChildren(...answer.calls.map((call) => row([
      make("time", { datetime: call.created }, moment(call.created)), call.from, call.to, wayOf(call.direction),
      make("span", { class: `badge ${call.status}` }, call.status), call.duration === null ? "" : clock(call.duration), callLink(call.sid)])));
  }
  words.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => { page = 0; load(); }, PAUSE_MS); });
  view.replaceChildren(heading("History", make("label", { for: "words", class: "unseen" }, "Number, SID or status"), words, back, on), nothing, calls);
  nothing.hidden = true;
  load();
  return () => clearTimeout(timer);
}
