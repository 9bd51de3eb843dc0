// A document and what is wrong with it, as it is written.
import { make } from "./dom.js";

const BEGINNING = '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Say>Hello</Say>\n</Response>\n';
const PAUSE_MS = 250;

export function showEditor(view, console_) {
  const text = make("textarea", { id: "document", rows: "16", spellcheck: "false" }), list = make("ul", { role: "status", class: "findings" });
  let timer = 0, asked = 0;
  async function check() {
    const number = (asked += 1);
    const answer = await console_.ask("/console/check", "POST", { text: text.value });
    if (!answer || number !== asked) return;
    const found = answer.findings.map((each) => make("li", { class: each.level }, `${each.line}:${each.column} ${each.level} ${each.code}: ${each.message}`));
    list.replaceChildren(...(found.length ? found : [make("li", {}, "No objections.")]));
  }
  text.value = BEGINNING;
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, PAUSE_MS); });
  view.replaceChildren(make("h1", {}, "TwiML"), make("label", { for: "document" }, "Document"), text, list);
  check();
  return () => clearTimeout(timer);
}
