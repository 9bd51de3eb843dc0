// One call on a time line that can be zoomed: waves, spans and points of every leg.
import { button, make } from "./dom.js";
import { seconds } from "./format.js";
import { summary } from "./story.js";
import { Wave } from "./wave.js";

const SHORTEST_VIEW = 0.02;
const MOST_ROWS = 4;
const LEAST_LABEL = 18; // pixels

function step(range, width) {
  const wanted = (range * 90) / Math.max(90, width), power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 2, 5].find((each) => each * power >= wanted) ?? 10);
}

// Spans that overlap go below each other.
function arrange(items) {
  const ends = [];
  for (const item of items) {
    const free = ends.findIndex((end) => end <= item.from + 1e-6), row = free >= 0 ? free : Math.min(ends.length, MOST_ROWS - 1);
    ends[row] = Math.max(item.to, item.from + 1e-3);
    item.row = row;
  }
  return Math.max(1, ends.length);
}

export class Timeline {
  constructor(story, choose) {
    this.story = story;
    this.choose = choose;
    this.from = 0;
    this.to = story.end;
    this.scale = make("div", { class: "scale" });
    this.lanes = make("div");
    this.cursor = make("div", { class: "cursor", hidden: true }, make("span"));
    this.board = make("div", { class: "board", tabindex: "0", role: "group", "aria-label": "Time line. Arrow keys go from event to event, plus and minus zoom.",
      keydown: (event) => this.press(event), pointermove: (event) => this.move(event), pointerleave: () => { this.cursor.hidden = true; }, pointerdown: (event) => this.grab(event),
      dblclick: () => this.view(0, story.end) }, this.scale, this.lanes, this.cursor);
    this.board.addEventListener("wheel", (event) => this.turn(event), { passive: false });
    this.element = make("section", { class: "timeline", "aria-label": "Time line" }, make("div", { class: "zoom" }, make("p", { class: "hint" }, "Drag to move, Ctrl and wheel to zoom; arrow keys go from event to event."),
      button("", () => this.zoom(0.5), { icon: "plus", title: "Zoom in" }), button("", () => this.zoom(2), { icon: "minus", title: "Zoom out" }),
      button("", () => this.view(0, this.story.end), { icon: "fit", title: "Show all" })), this.board);
    new ResizeObserver(() => this.place()).observe(this.board);
    this.build();
  }

  // More was told: `entries` says whether more than levels.
  grow(entries, before) {
    const follows = this.to >= before - 1e-6, all = follows && this.from === 0;
    if (entries) this.build();
    if (follows) [this.from, this.to] = all ? [0, this.story.end] : [this.from + this.story.end - this.to, this.story.end];
    this.place();
  }

  build() {
    this.items = [];
    this.waves = [];
    this.lanes.replaceChildren(...this.story.legs.map((leg, number) => this.leg(leg, number)));
    this.ordered = [...this.items].sort((one, other) => one.from - other.from);
    this.select(this.ordered.find((item) => item.lines[0] === this.chosen?.lines[0]) ?? null, false);
  }

  leg(leg, number) {
    const rows = [];
    for (const [name, way] of [["Says", "heard"], ["Hears", "said"]]) {
      const wave = new Wave(`What ${leg.from ?? "the caller"} ${name.toLowerCase()}`, way);
      this.waves.push([wave, number]);
      rows.push(make("div", { class: "lane" }, make("span", { class: "name" }, name), make("div", { class: "track sound" }, wave.canvas)));
    }
    for (const [name, items] of Object.entries(this.story.lanes(number))) {
      if (!items.length) continue;
      const track = make("div", { class: `track ${name.toLowerCase()}` });
      track.style.setProperty("--rows", arrange(items));
      for (const item of items) {
        item.element = make("span", { class: `item${item.span ? " span" : ""}${item.bad ? " bad" : ""}`, title: summary(item.lines[0]) }, item.label);
        item.element.style.setProperty("--row", item.row);
        item.element.item = item;
        track.append(item.element);
        this.items.push(item);
      }
      const next = [];
      for (const item of items.toReversed()) [item.next, next[item.row]] = [next[item.row] ?? Infinity, item.from];
      rows.push(make("div", { class: "lane" }, make("span", { class: "name" }, name), track));
    }
    return make("div", { class: "leg" }, number || this.story.legs.length > 1 ? make("p", { class: "leg-name" }, `${number ? `Leg ${number}` : "Call"}: ${leg.from ?? ""} → ${leg.to ?? ""}`) : null, ...rows);
  }

  get width() {
    return this.scale.clientWidth || 1;
  }

  place() {
    const range = this.to - this.from, pixels = this.width / range, drawn = new Map();
    for (const item of this.items) {
      const { style } = item.element, end = Math.min(item.to, this.story.end), track = item.element.parentElement, key = drawn.get(track) ?? [];
      const hidden = (end - item.from) * pixels < 1 && (item.from - (key[item.row] ?? -Infinity)) * pixels < 1 && !item.bad && item !== this.chosen;
      const shown = item.to >= this.from && item.from <= this.to && !hidden;
      style.display = shown ? "" : "none";
      if (!shown) continue;
      key[item.row] = item.from;
      drawn.set(track, key);
      const left = Math.max(item.from, this.from - 0.02 * range), right = Math.min(end, this.to + 0.02 * range);
      style.left = `${(100 * (left - this.from)) / range}%`;
      const room = item.span ? Math.max(3, (right - left) * pixels) : Math.min(220, (item.next - item.from) * pixels, (this.to - item.from) * pixels + 40) - 2;
      if (item.span) style.width = `${room}px`;
      else style.maxWidth = `${Math.max(7, room)}px`;
      item.element.classList.toggle("bare", room < LEAST_LABEL);
    }
    for (const [wave, leg] of this.waves) wave.draw(this.story.pictures[leg], this.from, this.to);
    this.placeScale(range);
  }

  placeScale(range) {
    const each = step(range, this.width), ticks = [];
    for (let number = Math.ceil(this.from / each); number * each <= this.to; number += 1) {
      const tick = make("span", { class: "tick" }, seconds(number * each, each));
      tick.style.left = `${(100 * (number * each - this.from)) / range}%`;
      ticks.push(tick);
    }
    this.scale.replaceChildren(...ticks);
  }

  view(from, to) {
    const range = Math.min(this.story.end, Math.max(SHORTEST_VIEW, to - from));
    this.from = Math.min(Math.max(0, from), this.story.end - range);
    this.to = this.from + range;
    this.place();
  }

  zoom(factor, at = this.chosen && this.chosen.from >= this.from && this.chosen.from <= this.to ? this.chosen.from : (this.from + this.to) / 2) {
    this.view(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  time(event) {
    const box = this.scale.getBoundingClientRect();
    return this.from + ((event.clientX - box.left) / box.width) * (this.to - this.from);
  }

  move(event) {
    const box = this.scale.getBoundingClientRect(), inside = event.clientX >= box.left;
    this.cursor.hidden = !inside;
    if (!inside) return;
    this.cursor.style.left = `${event.clientX - this.board.getBoundingClientRect().left}px`;
    const at = this.time(event), wave = this.waves.find(([each]) => each.canvas === event.target);
    const loud = wave ? this.story.pictures[wave[1]]?.loudest(wave[0].way, at, at) : null;
    this.cursor.firstChild.textContent = seconds(at, (this.to - this.from) / 1000) + (loud?.peak ? `  ${loud.power - 63} dBov, peak ${loud.peak - 63}` : "");
  }

  turn(event) {
    if (!event.ctrlKey && !event.shiftKey && Math.abs(event.deltaY) > Math.abs(event.deltaX) && event.target.closest(".name")) return;
    if (event.clientX < this.scale.getBoundingClientRect().left) return;
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !event.deltaX) return;
    event.preventDefault();
    if (event.shiftKey || event.deltaX) this.shift(((event.deltaX || event.deltaY) / this.width) * (this.to - this.from));
    else this.zoom(Math.exp(event.deltaY / 300), this.time(event));
  }

  shift(by) {
    this.view(this.from + by, this.to + by);
  }

  grab(event) {
    const item = event.target.item ?? event.target.parentElement?.item;
    if (item) { this.select(item); return; }
    if (event.clientX < this.scale.getBoundingClientRect().left) return;
    const [from, to, x] = [this.from, this.to, event.clientX];
    const move = (each) => this.view(from - ((each.clientX - x) / this.width) * (to - from), to - ((each.clientX - x) / this.width) * (to - from));
    const drop = () => { removeEventListener("pointermove", move); removeEventListener("pointerup", drop); };
    addEventListener("pointermove", move);
    addEventListener("pointerup", drop);
  }

  press(event) {
    const place = this.ordered.indexOf(this.chosen), range = this.to - this.from;
    const keys = {
      ArrowRight: () => (event.shiftKey ? this.shift(range / 5) : this.select(this.ordered[Math.min(this.ordered.length - 1, place + 1)])),
      ArrowLeft: () => (event.shiftKey ? this.shift(-range / 5) : this.select(this.ordered[Math.max(0, place - 1)])),
      Home: () => this.select(this.ordered[0]), End: () => this.select(this.ordered.at(-1)),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.view(0, this.story.end),
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  }

  select(item, told = true) {
    this.chosen?.element.classList.remove("chosen");
    this.chosen = item;
    if (!item) return;
    item.element.classList.add("chosen");
    if (!told) return;
    this.reveal(item);
    this.choose(item);
  }

  reveal(item) {
    if (item.from < this.from || item.from > this.to) this.view(item.from - (this.to - this.from) / 2, item.from + (this.to - this.from) / 2);
  }

  // Shows where an entry is.
  find(line) {
    const item = this.items.find((each) => each.lines.includes(line));
    if (!item) return;
    this.select(item, false);
    this.reveal(item);
  }
}
