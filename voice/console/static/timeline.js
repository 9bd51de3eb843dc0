// One call on a time line: lanes of marks above, the entries in order below. Needs nothing but the call's data.
import { make } from "./dom.js";

const LANES = {
  SIP: ["sip", "ended", "failed", "refer", "referred", "referral", "redirected", "hold", "replaces"],
  Webhooks: ["request", "response", "callback", "api"],
  Verbs: ["verb", "left"],
  Audio: ["playing", "played", "recording", "stream", "quality", "siprec"],
  Caller: ["digit", "digits-sent", "voice", "words", "speech", "transcription", "relay"],
};
const REST = "Call";
const MOST_MARKS = 2000;

export function laneOf(kind) {
  return Object.keys(LANES).find((name) => LANES[name].includes(kind)) ?? REST;
}

// An entry in a few words.
export function summary(kind, data) {
  const first = (text) => String(text ?? "").split("\n", 1)[0].trim();
  switch (kind) {
    case "sip": return `${data.direction === "in" ? "→" : "←"} ${first(data.text)}`;
    case "request": return `${data.method} ${data.url}`;
    case "response": return `${data.error || data.status || ""} in ${Math.round(1000 * (data.seconds || 0))} ms`;
    case "callback": case "api": return `${data.method} ${data.url}: ${data.error || data.status}`;
    case "verb": return `<${data.name}>`;
    case "left": return `</${data.name}> ${data.outcome || ""}`;
    case "digit": return data.digit ?? "(secret)";
    case "status": return data.status;
    case "report": return `${data.level} ${data.code}: ${data.message}`;
    case "ended": return `${data.code} ${data.reason}`;
    case "quality": return `${data.received} packets in, ${data.sent} out, MOS ${data.mos}`;
    default: return Object.values(data).filter((value) => value !== null && value !== "").map((value) => typeof value === "object" ? JSON.stringify(value) : value).join(" ").slice(0, 200);
  }
}

export class Timeline {
  constructor(call) {
    this.zoom = 1;
    this.chosen = "";
    this.why = make("p", { class: "why", hidden: true, role: "status" });
    this.lanes = make("div", { class: "lanes", tabindex: "0", role: "group", "aria-label": "Time line" });
    this.list = make("ol", { class: "entries" });
    const lane = make("select", { change: (event) => { this.chosen = event.target.value; this.showEntries(); } },
      make("option", { value: "" }, "Everything"), ...[...Object.keys(LANES), REST].map((name) => make("option", { value: name }, name)));
    this.heading = make("h1");
    this.element = make("section", {}, this.heading,
      make("div", { class: "tools" },
        make("button", { type: "button", click: () => { this.why.hidden = !this.why.hidden; } }, "Why no audio?"),
        make("button", { type: "button", click: () => this.setZoom(this.zoom * 2) }, "Zoom in"),
        make("button", { type: "button", click: () => this.setZoom(this.zoom / 2) }, "Zoom out"),
        make("label", {}, "Show ", lane)),
      this.why, this.lanes, this.list);
    this.update(call);
  }

  update(call) {
    this.call = call;
    this.heading.replaceChildren("Call ", make("code", {}, call.sid), call.live ? make("span", { class: "badge live" }, "live") : "");
    this.why.textContent = call.why;
    this.showLanes();
    this.showEntries();
  }

  setZoom(zoom) {
    this.zoom = Math.min(64, Math.max(1, zoom));
    this.showLanes();
  }

  showLanes() {
    const lines = this.call.lines.slice(0, MOST_MARKS);
    const end = Math.max(1, ...lines.map((line) => line.at));
    const legs = [...new Set(lines.map((line) => line.leg))];
    const rows = [];
    for (const leg of legs) {
      for (const name of [...Object.keys(LANES), REST]) {
        const own = lines.filter((line) => line.leg === leg && laneOf(line.kind) === name);
        if (!own.length) continue;
        const track = make("div", { class: "track" });
        for (const line of own) {
          const bad = line.kind === "report" || line.data.error;
          const mark = make("span", { class: `mark ${name.toLowerCase()}${bad ? " bad" : ""}`, title: `${line.at.toFixed(3)} s  ${summary(line.kind, line.data)}` });
          mark.style.left = `${(99 * line.at) / end}%`;
          track.append(mark);
        }
        track.style.width = `${100 * this.zoom}%`;
        rows.push(make("div", { class: "lane" }, make("span", { class: "name" }, leg ? `${name} ${leg}` : name), track));
      }
    }
    const scale = make("div", { class: "track scale" });
    scale.style.width = `${100 * this.zoom}%`;
    for (let step = 0; step <= 4 * this.zoom; step += 1) {
      const tick = make("span", { class: "tick" }, `${((end * step) / (4 * this.zoom)).toFixed(1)} s`);
      tick.style.left = `${(93 * step) / (4 * this.zoom)}%`;
      scale.append(tick);
    }
    this.lanes.replaceChildren(...rows, make("div", { class: "lane" }, make("span", { class: "name" }), scale));
  }

  showEntries() {
    const open = new Set([...this.list.children].filter((item) => item.querySelector("details[open]")).map((item) => item.dataset.number));
    const items = this.call.lines.map((line, number) => [line, number]).filter(([line]) => !this.chosen || laneOf(line.kind) === this.chosen);
    this.list.replaceChildren(...items.map(([line, number]) => {
      const lane = laneOf(line.kind).toLowerCase();
      const details = make("details", { open: open.has(String(number)) },
        make("summary", { class: line.kind === "report" || line.data.error ? "bad" : "" },
          make("time", {}, line.at.toFixed(3)), make("span", { class: `kind ${lane}` }, line.leg ? `${line.kind} ${line.leg}` : line.kind),
          make("span", { class: "told" }, summary(line.kind, line.data))),
        ...Object.entries(line.data).map(([key, value]) => make("div", { class: "fact" }, make("b", {}, key),
          make("pre", { tabindex: "0" }, typeof value === "object" ? JSON.stringify(value, null, 1) : value))));
      return make("li", { "data-number": number }, details);
    }));
    if (this.call.cut) this.list.append(make("li", {}, "There is more in the journal than is shown here."));
  }
}
