// One call on a page: who, how it was, the time line, what is chosen there, and everything in order.
import { button, make } from "./dom.js";
import { clock, milliseconds, moment } from "./format.js";
import { Story } from "./story.js";
import { Timeline } from "./timeline.js";
import { details, title } from "./details.js";
import { Entries } from "./entries.js";

function tile(name, value, kind = "", more = "") {
  return make("div", { class: `tile ${kind}` }, make("span", {}, name), make("b", {}, value, more ? make("small", {}, ` ${more}`) : null));
}

function opinion(mos) {
  return mos >= 4 ? "good" : mos >= 3.4 ? "" : "bad";
}

export class Report {
  constructor(told, tools = {}) {
    this.story = new Story(told);
    this.tools = tools;
    this.heading = make("div", { class: "heading call-heading" });
    this.tiles = make("div", { class: "tiles" });
    this.why = make("p", { class: "why", role: "status", hidden: true });
    this.pane = make("section", { class: "pane card", "aria-label": "Chosen event", "aria-live": "polite" }, make("p", { class: "hint" }, "Choose something on the time line to see all of it."));
    this.entries = new Entries(this.story, tools, (line) => this.timeline.find(line));
    this.timeline = new Timeline(this.story, (item) => this.choose(item));
    this.element = make("article", {}, this.heading, this.tiles, this.why, this.timeline.element, this.pane, this.entries.element);
    this.describe();
  }

  add(told) {
    const before = this.story.end, entries = this.story.add(told);
    this.timeline.grow(entries, before);
    if (entries) this.entries.update();
    this.describe();
  }

  choose(item) {
    this.pane.replaceChildren(...item.lines.flatMap((line) => [make("h3", {}, make("time", {}, `${line.at.toFixed(3)} s`), " ", title(line)), details(line, this.tools)]));
  }

  describe() {
    const { story } = this, [call] = story.legs;
    this.why.textContent = story.why;
    const state = `${call.status}${story.over}${call.from}${call.to}`;
    if (state !== this.state) {
      this.state = state;
      const why = button("Why no audio?", () => { this.why.hidden = !this.why.hidden; }, { icon: "why" });
      this.heading.replaceChildren(make("div", {}, make("h1", {}, call.from ?? "A call", make("span", { class: "arrow", "aria-label": "to" }, " → "), call.to ?? "",
        make("span", { class: `badge ${call.status ?? ""}` }, call.status ?? ""), story.over ? "" : make("span", { class: "badge live" }, "live")),
      make("p", { class: "hint" }, make("code", {}, story.sid), call.created ? `, ${moment(call.created)}` : "", call.direction ? `, ${call.direction}` : "")),
      make("div", { class: "tools" }, why, ...(this.tools.buttons?.(story) ?? [])));
    }
    this.tiles.replaceChildren(...this.facts());
  }

  facts() {
    const { story } = this, answers = story.lines.filter((line) => line.kind === "response"), reports = story.count("report");
    const slowest = Math.max(0, ...answers.map((line) => line.data.seconds ?? 0)), quality = story.lines.filter((line) => line.kind === "quality" && line.leg === 0).at(-1)?.data;
    const keys = story.lines.filter((line) => line.kind === "digit").map((line) => line.data.digit ?? "•").join("");
    return [tile("Length", clock(story.end)), tile("Documents", String(answers.length), "", answers.length ? `≤ ${milliseconds(slowest)}` : ""),
      tile("Objections", String(reports), reports ? "bad" : "good"), ...(keys ? [tile("Keys", keys.slice(-12))] : []), ...(story.legs.length > 1 ? [tile("Legs dialled", String(story.legs.length - 1))] : []),
      ...(quality ? [tile("MOS", quality.mos ? String(quality.mos) : "–", opinion(quality.mos)), tile("Codec", quality.codec || "–"), tile("Lost", `${(100 * quality.loss).toFixed(1)} %`, quality.loss > 0.05 ? "bad" : ""),
        tile("Jitter", `${quality.jitter_ms} ms`), tile("Round trip", quality.round_trip_ms ? `${quality.round_trip_ms} ms` : "–")] : [])];
  }
}
