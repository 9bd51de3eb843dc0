// The signature doctor, for a request of a call.
import { make } from "./dom.js";
import { ask, attempt } from "./api.js";

export function showDoctor(line, account, place) {
  const given = make("input", { id: "given", placeholder: "X-Twilio-Signature as your application computed it", autocomplete: "off" });
  const told = make("div", { role: "status" });
  async function examine(event) {
    event?.preventDefault();
    const { method = "POST", url, parameters = {} } = line.data;
    const found = await attempt(() => ask("signature", "POST", { account, method, url, parameters, signature: given.value }));
    if (!found) return;
    told.replaceChildren(make("p", { class: found.right === false ? "why bad" : "why" }, found.said),
      make("h4", {}, "The exact string that is signed"), make("pre", { class: "message", tabindex: "0" }, found.text),
      make("h4", {}, "Of which the URL is"), make("pre", { class: "message", tabindex: "0" }, found.url),
      ...(found.parameters.length ? [make("h4", {}, "and the parameters, sorted"), make("ol", { class: "signed" }, ...found.parameters.map((each) => make("li", {}, make("code", {}, each))))] : []),
      make("h4", {}, "HMAC-SHA1 with the account's token, in base64"), make("pre", { class: "message", tabindex: "0" }, found.signature),
      Object.values(parameters).includes("(left out)") ? make("p", { class: "hint" }, "What a caller typed for Pay is in no journal: the signature of this request was another one.") : "");
  }
  place.replaceWith(make("form", { class: "doctor card", submit: examine }, make("h4", {}, "Signature doctor"), make("label", { for: "given" }, "Compare with"), given,
    make("button", { class: "main" }, "Examine"), told));
  examine();
}
