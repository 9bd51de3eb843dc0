// TwiML with its parts in colours; what is no XML stays text.
import { make } from "./dom.js";

const PARTS = /(<!--[\s\S]*?(?:-->|$))|(<\?[\s\S]*?(?:\?>|$))|(<\/?)([\w:.-]+)((?:\s+[\w:.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*\s*)(\/?>)?/g;
const ATTRIBUTE = /([\w:.-]+)(\s*=\s*)?("[^"]*"|'[^']*')?/g;

function attributes(text) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(ATTRIBUTE)) {
    parts.push(text.slice(place, found.index), make("span", { class: "x-name" }, found[1]), found[2] ?? "");
    if (found[3]) parts.push(make("span", { class: "x-value" }, found[3]));
    place = found.index + found[0].length;
  }
  return [...parts, text.slice(place)].filter((part) => part !== "");
}

export function highlight(text) {
  const parts = [];
  let place = 0;
  for (const found of text.matchAll(PARTS)) {
    parts.push(text.slice(place, found.index));
    const [whole, comment, declaration, open, name, inner, close] = found;
    if (comment ?? declaration) parts.push(make("span", { class: "x-comment" }, whole));
    else parts.push(make("span", { class: "x-tag" }, open + name), ...attributes(inner), make("span", { class: "x-tag" }, close ?? ""));
    place = found.index + whole.length;
  }
  return [...parts, text.slice(place)];
}

// A document with numbered lines, and what is wrong with it below the line.
export function showDocument(text, findings = []) {
  const lines = [[]];
  for (const part of highlight(text)) {
    const node = part instanceof Node;
    (node ? part.textContent : part).split("\n").forEach((piece, number) => {
      if (number) lines.push([]);
      if (piece) lines.at(-1).push(node ? Object.assign(part.cloneNode(), { textContent: piece }) : piece);
    });
  }
  return make("ol", { class: "document" }, ...lines.flatMap((line, number) => [
    make("li", { class: findings.some((each) => each.line === number + 1) ? "flagged" : null }, make("code", {}, ...line, "\u200b")),
    ...findings.filter((each) => each.line === number + 1).map((each) => make("li", { class: `finding ${each.level}` }, `${each.code}: ${each.message}`))]));
}
