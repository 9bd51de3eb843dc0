// Everything that is known of one entry.
import { button, make } from "./dom.js";
import { firstLine, milliseconds } from "./format.js";
import { showDocument } from "./xml.js";

function facts(pairs) {
  return make("dl", { class: "facts" }, ...pairs.filter(([, value]) => value !== undefined && value !== null && value !== "").flatMap(([name, value]) => [make("dt", {}, name),
    make("dd", {}, typeof value === "object" && !(value instanceof Node) ? JSON.stringify(value) : value)]));
}

function message(text) {
  const [head, ...rest] = String(text).replace(/\r/g, "").split("\n"), parts = [make("b", {}, head), "\n"];
  let body = false;
  for (const line of rest) {
    body ||= line === "";
    const [, name, value] = (body ? null : /^([\w-]+)(:.*)$/.exec(line)) ?? [null, null, line];
    parts.push(...(name ? [make("span", { class: "x-name" }, name), value] : [value]), "\n");
  }
  return make("pre", { class: "message", tabindex: "0" }, ...parts);
}

function parameters(data) {
  const pairs = Object.entries(data.parameters ?? {});
  return pairs.length ? [make("h4", {}, "Parameters"), facts(pairs)] : [];
}

function body(line) {
  const { body: text, content_type: type } = line.data;
  if (!text) return [];
  const document = /<Response/.test(text) || /xml/.test(type ?? "");
  return [make("h4", {}, document ? "TwiML" : type || "Body"), document ? showDocument(text, line.findings) : make("pre", { class: "message", tabindex: "0" }, text)];
}

const SHOWN = {
  sip: (line) => [facts([[line.data.direction === "in" ? "From" : "To", line.data.peer]]), message(line.data.text)],
  page: (line) => SHOWN.sip(line),
  request: (line, tools) => [facts([["Method", line.data.method], ["URL", line.data.url]]), ...parameters(line.data), ...doctor(line, tools)],
  response: (line) => [facts([["Status", line.data.error || line.data.status], ["Took", milliseconds(line.data.seconds ?? 0)], ["Type", line.data.content_type]]), ...body(line)],
  callback: (line, tools) => [facts([["Method", line.data.method], ["URL", line.data.url], ["Status", line.data.error || line.data.status], ["Took", milliseconds(line.data.seconds ?? 0)]]),
    ...parameters(line.data), ...body(line), ...doctor(line, tools)],
  verb: (line) => [facts([["Verb", line.data.name], ...Object.entries(line.data.attributes ?? {})])],
};
SHOWN.recording = (line, tools) => [facts(Object.entries(line.data)), ...(tools.sound && line.data.status === "completed" ? [make("audio", { controls: true, preload: "none", src: tools.sound(line) })] : [])];
SHOWN.api = (line) => SHOWN.callback(line, {});

function doctor(line, tools) {
  return tools.doctor ? [make("div", { class: "tools" }, button("Signature doctor", (event) => tools.doctor(line, event.currentTarget.parentElement), { icon: "why" }))] : [];
}

// What a line is called where its details are told.
export function title(line) {
  return line.kind === "sip" ? firstLine(line.data.text) : line.kind.replace(/-/g, " ");
}

export function details(line, tools = {}) {
  const shown = SHOWN[line.kind]?.(line, tools) ?? [facts(Object.entries(line.data))];
  return make("div", { class: "details" }, ...shown);
}
