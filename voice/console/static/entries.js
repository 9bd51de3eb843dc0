// The entries in order, each with its arrow between the far end, the switch and the webhook.
import { make } from "./dom.js";
import { details } from "./details.js";
import { LANES, isBad, laneOf, summary } from "./story.js";

const ARROWS = {
  sip: (data) => (data.direction === "in" ? "far-in" : "far-out"),
  page: (data) => ARROWS.sip(data),
  request: () => "web-out", response: () => "web-in", callback: () => "web-out", api: () => "web-in",
};

export class Entries {
  constructor(story, tools, choose) {
    this.story = story;
    this.tools = tools;
    this.choose = choose;
    this.lane = "";
    this.words = "";
    this.rows = new Map();
    this.list = make("ol", { class: "entries" });
    this.cut = make("p", { class: "hint", hidden: true }, "There is more in the journal than is shown here.");
    const lane = make("select", { id: "lane", change: () => { this.lane = lane.value; this.sift(); } }, make("option", { value: "" }, "Everything"),
      ...Object.keys(LANES).map((name) => make("option", { value: name }, name)));
    const words = make("input", { type: "search", id: "sift", placeholder: "Search", input: () => { this.words = words.value.toLowerCase(); this.sift(); } });
    this.element = make("section", { "aria-label": "Everything in order" }, make("div", { class: "heading" }, make("h2", {}, "In order"),
      make("div", { class: "tools" }, make("label", { for: "lane", class: "unseen" }, "Show"), lane, make("label", { for: "sift", class: "unseen" }, "Search"), words)),
    make("div", { class: "ladder-head", "aria-hidden": "true" }, make("span"), make("span", { class: "ladder" }, make("i", {}, "Far end"), make("i", {}, "Switch"), make("i", {}, "Webhook"))), this.list, this.cut);
    this.update();
  }

  update() {
    let before = null;
    for (const line of this.story.lines) {
      if (!this.rows.has(line)) {
        const row = this.row(line);
        this.rows.set(line, row);
        if (before) before.after(row);
        else this.list.prepend(row);
        row.hidden = !this.wanted(line);
      }
      before = this.rows.get(line);
    }
    this.cut.hidden = !this.story.cut;
  }

  row(line) {
    const lane = laneOf(line.kind).toLowerCase(), arrow = ARROWS[line.kind]?.(line.data) ?? "dot";
    const box = make("details", { toggle: () => {
      if (box.open && box.children.length === 1) box.append(details(line, this.tools));
      if (box.open) this.choose(line);
    } }, make("summary", { class: isBad(line) ? "bad" : null }, make("time", {}, line.at.toFixed(3)),
      make("span", { class: `ladder ${arrow} ${lane}`, "aria-hidden": "true" }, make("i"), make("i"), make("i")),
      make("span", { class: `kind ${lane}` }, line.leg ? `${line.kind} · ${line.leg}` : line.kind), make("span", { class: "told" }, summary(line),
        line.findings?.length ? make("span", { class: "badge bad" }, `${line.findings.length} in the TwiML`) : null)));
    return make("li", {}, box);
  }

  wanted(line) {
    if (this.lane && laneOf(line.kind) !== this.lane) return false;
    return !this.words || `${line.kind} ${JSON.stringify(line.data)}`.toLowerCase().includes(this.words);
  }

  sift() {
    for (const [line, row] of this.rows) row.hidden = !this.wanted(line);
  }
}
