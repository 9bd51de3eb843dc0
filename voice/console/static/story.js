// What happened in a call, as spans and points on lanes. Knows nothing of pages.
import { firstLine, level, milliseconds, short } from "./format.js";

export const LANES = {
  SIP: ["sip", "page", "ended", "failed", "refer", "referred", "referral", "redirected", "hold", "replaces"],
  Page: ["page-event", "page-quality"],
  Webhooks: ["request", "response", "callback", "api"],
  Verbs: ["verb", "left"],
  Audio: ["playing", "played", "waiting", "recording", "stream", "siprec", "listening"],
  Caller: ["digit", "digits-sent", "voice", "words", "speech", "transcription", "relay", "sounds", "answered-by", "detection"],
  RTP: ["quality"],
  Call: [],
};
const BLOCK_SECONDS = 0.1;
const POOR = 3.4; // of the estimated opinion, 1 to 4.4
const ALARMS = new Set(["WARNING", "ERROR"]); // of the Voice SDK
const LANE_OF = new Map(Object.entries(LANES).flatMap(([lane, kinds]) => kinds.map((kind) => [kind, lane])));

export function laneOf(kind) {
  return LANE_OF.get(kind) ?? "Call";
}

export function isBad(line) {
  const { kind, data } = line;
  return kind === "report" || Boolean(data.error) || (kind === "response" && data.status >= 400) || kind === "failed" || ALARMS.has(data.level) && kind === "page-event" || (kind === "page-quality" && data.mos < POOR) || (kind === "quality" && (data.recent_mos ?? data.mos) < POOR);
}

const outcome = (data) => `${data.error || data.status || ""} in ${milliseconds(data.seconds || 0)}`;
const SUMMARIES = {
  sip: (data) => firstLine(data.text),
  page: (data) => data.name,
  request: (data) => `${data.method} ${data.url}`,
  response: outcome,
  callback: (data) => `${data.method} ${data.url}: ${outcome(data)}`,
  api: (data) => `${data.method} ${data.url}: ${outcome(data)}`,
  verb: (data) => `<${[data.name, ...Object.entries(data.attributes ?? {}).map(([key, value]) => `${key}="${short(value, 40)}"`)].join(" ")}>`,
  left: (data) => `</${data.name}> ${data.outcome ?? ""}`,
  digit: (data) => `key ${data.digit ?? "(secret)"}${data.inband ? " (in band)" : ""}`,
  "digits-sent": (data) => `keys sent: ${data.digits}`,
  status: (data) => `call is ${data.status}`,
  report: (data) => `${data.level} ${data.code}: ${data.message}`,
  ended: (data) => `ended by ${data.by_peer ? "the far end" : "us"}: ${data.code} ${data.reason}`,
  quality: (data) => `${data.codec}: ${data.received} packets in, ${data.sent} out, ${(100 * data.loss).toFixed(1)} % lost, jitter ${data.jitter_ms} ms, MOS ${data.mos}`,
  "page-event": (data) => `${data.group} ${data.name}${data.told ? ` ${JSON.stringify(data.told)}` : ""}`,
  "page-quality": (data) => `the page heard ${data.seconds} s of ${data.codec}: MOS ${data.mos ?? "–"}, jitter ${data.jitter_ms ?? "–"} ms, ${(100 * (data.loss ?? 0)).toFixed(1)} % lost, round trip ${data.round_trip_ms ?? "–"} ms`,
  playing: (data) => `♪ ${short(data.what)}`,
  played: (data) => `♪ over${data.error ? `: ${data.error}` : ""}`,
  waiting: (data) => (data.on ? "♪ waits" : "♪ goes on"),
  dial: (data) => `dials ${data.to}`,
  joined: (data) => `connected with ${data.call_sid}`,
  parent: (data) => `leg of ${data.call_sid}`,
  voice: (data) => (data.active ? "voice" : "silence"),
  words: (data) => `… ${short(data.text)}`,
  speech: (data) => (data.text ? `“${short(data.text)}”` : "nothing understood"),
  transcription: (data) => (data.transcript === undefined ? String(data.event ?? "") : `“${short(data.transcript)}”${data.final ? "" : " …"}`),
  recording: (data) => `● recording ${data.status}`,
  stream: (data) => [`stream ${data.event}`, data.name, data.of !== undefined ? `heard ${data.heard} of ${data.of} ms` : null, data.error].filter(Boolean).join(" "),
  conference: (data) => `conference ${data.name}: ${data.event}`,
  queue: (data) => `queue ${data.name}: ${data.event}`,
};

// An entry in a few words.
export function summary({ kind, data }) {
  const say = SUMMARIES[kind] ?? (() => `${kind} ${Object.entries(data).map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : value}`).join(" ")}`);
  return short(say(data), 200);
}

// What a span is called on its lane.
function label(line) {
  const { kind, data } = line;
  if (kind === "sip") return firstLine(data.text).replace(/^SIP\/2\.0 /, "").replace(/ sip:.*/, "");
  if (kind === "request" || kind === "callback" || kind === "api") return String(data.url ?? "").replace(/^https?:\/\/[^/]*/, "") || "/";
  if (kind === "verb") return data.name;
  if (kind === "digit") return data.digit ?? "?";
  if (kind === "playing") return short(data.what, 80);
  if (kind === "status") return data.status;
  if (kind === "page-event") return data.name;
  if (kind === "quality" || kind === "page-quality") return `MOS ${data.recent_mos ?? data.mos}`;
  return summary(line);
}

// How an entry opens a span, and which later entry closes it.
const OPENS = {
  request: () => "request", verb: (data) => `verb ${data.name}`, playing: (data) => `play ${data.id}`,
  recording: (data) => (data.status === "in-progress" ? `recording ${data.sid}` : null),
  stream: (data) => (data.event === "started" || data.event === "start" ? `stream ${data.sid}` : null),
  voice: (data) => (data.active ? "voice" : null),
};
const CLOSES = {
  response: () => "request", left: (data) => `verb ${data.name}`, played: (data) => `play ${data.id}`,
  recording: (data) => (["completed", "absent", "stopped", "failed"].includes(data.status) ? `recording ${data.sid}` : null),
  stream: (data) => (data.event === "stopped" || data.event === "error" || data.event === "stop" ? `stream ${data.sid}` : null),
  voice: (data) => (data.active ? null : "voice"),
};

// What is stopped without a word of its own: a verb's playback by what ends the verb, ringing by an answer.
const SILENCES = { left: (begun) => begun, joined: () => null, ended: () => null };

// How loud both directions of a leg were, block by block: [peak, root mean square] of each.
class Picture {
  constructor() {
    this.blocks = { heard: [], said: [] };
  }

  // Batches that follow each other are told a moment early or late.
  add(at, codes) {
    const known = this.blocks.heard.length, exact = Math.round(at / BLOCK_SECONDS), first = Math.abs(exact - known) <= 1 ? known : exact;
    for (const [way, blocks] of Object.entries(this.blocks))
      for (let place = 0; 2 * place < codes[way].length; place += 1) blocks[first + place] = [level(codes[way][2 * place]), level(codes[way][2 * place + 1])];
  }

  get end() {
    return this.blocks.heard.length * BLOCK_SECONDS;
  }

  // The loudest between two times.
  loudest(way, from, to) {
    const blocks = this.blocks[way], last = Math.min(blocks.length, Math.max(Math.floor(from / BLOCK_SECONDS) + 1, Math.ceil(to / BLOCK_SECONDS)));
    let peak = 0, power = 0;
    for (let place = Math.max(0, Math.floor(from / BLOCK_SECONDS)); place < last; place += 1) {
      const block = blocks[place];
      if (!block) continue;
      peak = Math.max(peak, block[0]);
      power = Math.max(power, block[1]);
    }
    return { peak, power };
  }
}

export class Story {
  constructor(told) {
    this.sid = told.sid;
    this.lines = [];
    this.pictures = [];
    this.add(told);
  }

  // What was told since; whether there are more entries than levels alone.
  add(told) {
    const { over, why, legs, cut } = told;
    Object.assign(this, { over, why, legs, cut });
    const fresh = told.lines.filter((line) => line.kind !== "levels");
    for (const line of told.lines) if (line.kind === "levels") (this.pictures[line.leg] ??= new Picture()).add(line.at, line.data);
    for (const line of fresh) line.number = this.lines.push(line) - 1;
    if (fresh.length) this.lines.sort((one, other) => one.at - other.at || one.number - other.number);
    this.end = 1.01 * Math.max(0.5, this.lines.at(-1)?.at ?? 0, ...this.pictures.map((picture) => picture?.end ?? 0));
    return fresh.length > 0;
  }

  // Spans and points of one leg, by lane.
  lanes(leg) {
    const lanes = Object.fromEntries(Object.keys(LANES).map((name) => [name, []])), open = new Map();
    const close = (item, line) => Object.assign(item, { to: line.at, open: false });
    const silence = (line, since) => {
      for (const [key, items] of open) if (key.startsWith("play ")) open.set(key, items.filter((item) => item.from < since || !close(item, line)));
    };
    for (const line of this.lines) {
      if (line.leg !== leg || line.kind === "sounds") continue;
      const ends = CLOSES[line.kind]?.(line.data), begun = ends && open.get(ends)?.pop();
      if (SILENCES[line.kind]) silence(line, SILENCES[line.kind](begun)?.from ?? 0);
      if (begun) {
        close(begun, line).lines.push(line);
        begun.bad ||= isBad(line);
        continue;
      }
      if (line.kind === "played") continue; // it was silenced before
      const item = { from: line.at, to: line.at, span: false, label: label(line), lane: laneOf(line.kind), lines: [line], bad: isBad(line) };
      const begins = OPENS[line.kind]?.(line.data);
      if (begins) {
        Object.assign(item, { span: true, open: true, to: Infinity });
        open.set(begins, [...(open.get(begins) ?? []), item]);
      } else if ((line.kind === "callback" || line.kind === "api") && line.data.seconds) Object.assign(item, { span: true, from: Math.max(0, line.at - line.data.seconds) });
      lanes[item.lane].push(item);
    }
    return lanes;
  }

  count(kind) {
    return this.lines.filter((line) => line.kind === kind).length;
  }
}
