// A document, what is wrong with it as it is written, and a call that follows it.
import { button, make } from "./dom.js";
import { ask, attempt, isAdmin, rest, session } from "./api.js";
import { heading } from "./table.js";
import { highlight } from "./xml.js";

const PAUSE_MS = 250;
const KEPT = "strowger-twiml";
const SAMPLES = {
  "Say something": '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Say>Hello from Strowger.</Say>\n</Response>\n',
  "A menu": '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Gather numDigits="1" timeout="5">\n    <Say>Press any key.</Say>\n  </Gather>\n  <Say>You pressed nothing.</Say>\n</Response>\n',
  "A conference": '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Dial>\n    <Conference>standup</Conference>\n  </Dial>\n</Response>\n',
  "A queue": '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Enqueue>support</Enqueue>\n</Response>\n',
  "An echo": '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Say>You hear yourself.</Say>\n  <Echo/>\n</Response>\n',
};

function kept() {
  try { return localStorage.getItem(KEPT); } catch { return null; }
}

function keep(text) {
  try { localStorage.setItem(KEPT, text); } catch { /* not allowed: it is lost with the page */ }
}

export function showEditor(view) {
  const text = make("textarea", { id: "document", rows: "18", spellcheck: "false", autocapitalize: "off", wrap: "off" });
  const shadow = make("pre", { class: "shadow", "aria-hidden": "true" }), list = make("ul", { class: "findings" });
  const told = make("p", { class: "placed" });
  let timer = 0, asked = 0, marked = [];

  function paint() {
    shadow.replaceChildren(...highlight(text.value), "\n");
    shadow.scrollTop = text.scrollTop;
    shadow.scrollLeft = text.scrollLeft;
  }

  async function check() {
    const number = (asked += 1);
    const answer = await attempt(() => ask("check", "POST", { text: text.value }));
    if (!answer || number !== asked) return;
    marked = answer.findings;
    list.replaceChildren(...(marked.length ? marked.map((each) => make("li", { class: each.level }, button(`${each.line}:${each.column}`, () => go(each), { kind: "place", title: `Go to line ${each.line}` }),
      make("span", {}, make("b", {}, `${each.level} ${each.code}`), " ", each.message))) : [make("li", { class: "good" }, "No objections.")]));
  }

  function go({ line, column }) {
    const place = text.value.split("\n").slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + Math.max(0, column - 1);
    text.focus();
    text.setSelectionRange(place, place + 1);
  }

  function write(value) {
    text.value = value;
    paint();
    check();
  }

  async function place(event) {
    event.preventDefault();
    const form = { To: to.value.trim(), From: from.value.trim(), Twiml: text.value };
    const call = await attempt(() => rest("Calls.json", "POST", form));
    if (call) told.replaceChildren("Calling. ", make("a", { href: `#/calls/${call.sid}` }, "Watch it in the inspector"));
  }

  const to = make("input", { id: "to", required: true, value: `client:${session.identity}`, "aria-describedby": "to-hint" });
  const from = make("input", { id: "from", required: true, value: "client:console" });
  const sample = make("select", { id: "sample", change: () => { if (SAMPLES[sample.value]) { write(SAMPLES[sample.value]); keep(text.value); } sample.value = ""; } },
    make("option", { value: "" }, "Begin with …"), ...Object.keys(SAMPLES).map((name) => make("option", { value: name }, name)));
  text.addEventListener("input", () => { paint(); keep(text.value); clearTimeout(timer); timer = setTimeout(check, PAUSE_MS); });
  text.addEventListener("scroll", paint);
  const caller = isAdmin() ? make("form", { class: "card caller-form", submit: place }, make("h2", {}, "Call it"), make("div", { class: "field" }, make("label", { for: "to" }, "Whom"), to, make("p", { class: "hint", id: "to-hint" }, "Your softphone, or a number, sip:bob@10.0.0.7, client:alice")),
    make("div", { class: "field" }, make("label", { for: "from" }, "As"), from), make("button", { class: "main" }, "Call"), told) : null;
  view.replaceChildren(heading("TwiML", make("label", { for: "sample", class: "unseen" }, "Samples"), sample), make("div", { class: "writing" },
    make("div", {}, make("label", { for: "document", class: "unseen" }, "Document"), make("div", { class: "editor" }, shadow, text)),
    make("aside", { "aria-label": "Objections and call" }, make("section", { class: "card" }, make("h2", {}, "Objections"), make("div", { role: "status" }, list)), caller)));
  write(kept() ?? SAMPLES["A menu"]);
  return () => clearTimeout(timer);
}
