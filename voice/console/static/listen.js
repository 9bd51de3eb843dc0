// Listening in: mu-law of both directions, left what the far end says, right what it hears.
import { button, make } from "./dom.js";
import { attempt, stream } from "./api.js";

const RATE = 8000, FRAME = 160, PAIR = 2 * FRAME;
const BLOCK = 5; // frames that are scheduled at a time
const AHEAD = 0.15; // seconds of reserve
const MOST_AHEAD = 0.6; // beyond which what has piled up is left out

const LINEAR = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff, magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return (bits & 0x80 ? -magnitude : magnitude) / 32768;
});

let stop = () => {};

class Player {
  constructor() {
    this.context = new AudioContext();
    this.next = 0;
    this.rest = new Uint8Array(0);
  }

  take(bytes) {
    const joined = new Uint8Array(this.rest.length + bytes.length);
    joined.set(this.rest);
    joined.set(bytes, this.rest.length);
    let place = 0;
    for (; joined.length - place >= BLOCK * PAIR; place += BLOCK * PAIR) this.play(joined.subarray(place, place + BLOCK * PAIR));
    this.rest = joined.slice(place);
  }

  play(pairs) {
    const now = this.context.currentTime;
    if (this.next > now + MOST_AHEAD) return;
    if (this.next < now) this.next = now + AHEAD;
    const buffer = this.context.createBuffer(2, BLOCK * FRAME, RATE);
    for (let way = 0; way < 2; way += 1) {
      const samples = buffer.getChannelData(way);
      for (let frame = 0; frame < BLOCK; frame += 1)
        for (let at = 0; at < FRAME; at += 1) samples[frame * FRAME + at] = LINEAR[pairs[frame * PAIR + way * FRAME + at]];
    }
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.start(this.next);
    this.next += buffer.duration;
  }
}

// Lets one hear a call until it ends or the bar is closed; another one ends it.
export async function listenIn(sid, name) {
  stop();
  const abort = new AbortController(), player = new Player();
  const bar = make("div", { class: "listening", role: "region", "aria-label": "Listening in" }, make("span", { class: "pulse" }), make("span", {}, `Listening to ${name}`),
    button("Stop", () => stop()));
  stop = () => { abort.abort(); player.context.close(); bar.remove(); stop = () => {}; };
  document.body.append(bar);
  const mine = stop;
  await attempt(async () => {
    const answer = await stream(`calls/${sid}/sound`, abort.signal).catch((error) => { if (error.name !== "AbortError") throw error; });
    const reader = answer?.body.getReader();
    while (reader) {
      const { done, value } = await reader.read().catch(() => ({ done: true }));
      if (done) break;
      player.take(value);
    }
  });
  if (stop === mine) stop();
}
