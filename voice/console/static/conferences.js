// The conferences that live, and what can be done to everybody in them.
import { button, icon, make, redraw } from "./dom.js";
import { attempt, isAdmin, listen, rest } from "./api.js";
import { callLink, confirm, edit, empty, heading, row, table } from "./table.js";
import { listenIn } from "./listen.js";

function person(conference, each) {
  const url = `Conferences/${conference.sid}/Participants/${each.call}.json`, change = (form) => attempt(() => rest(url, "POST", form, conference.account));
  const name = each.direction === "inbound" ? each.from : each.to;
  const flags = [each.muted && "muted", each.hold && "on hold", each.coaches && "coaches", each.moderator && "ends it"].filter(Boolean);
  const tools = isAdmin() ? [
    button(each.muted ? "Unmute" : "Mute", () => change({ Muted: String(!each.muted) }), { pressed: each.muted, title: `Mute ${name}` }),
    button(each.hold ? "Resume" : "Hold", () => change({ Hold: String(!each.hold) }), { pressed: each.hold, title: `Hold ${name}` }),
    button("Remove", () => attempt(() => rest(url, "DELETE", undefined, conference.account), "Removed."), { kind: "danger", title: `Remove ${name}` }),
  ] : null;
  return row([name, each.label || "–", make("span", {}, ...flags.map((flag) => make("span", { class: "badge" }, flag))), callLink(each.call)], tools);
}

function card(conference) {
  const url = `Conferences/${conference.sid}.json`, first = conference.people[0];
  const announce = () => edit("Announce", [{ name: "AnnounceUrl", label: "URL of a document with Say, Play or Pause", type: "url", required: true }],
    (form) => rest(url, "POST", form, conference.account), null, "Announce");
  const tools = isAdmin() ? [
    first ? button("Listen in", () => listenIn(first.call, conference.name), { icon: "ear" }) : null,
    button("Call somebody in", () => edit(`Call into ${conference.name}`, [
      { name: "To", label: "Whom", required: true, placeholder: "+15550123, sip:bob@10.0.0.7 or client:alice" },
      { name: "From", label: "As", required: true, value: "sip:console@switch" }],
    (form) => rest(`Conferences/${conference.sid}/Participants.json`, "POST", form, conference.account), null, "Call"), { icon: "plus" }),
    button("Join", () => dispatchEvent(new CustomEvent("dial", { detail: `conference:${conference.name}` })), { icon: "phone" }),
    button("Announce", announce),
    button("End", () => confirm(`End ${conference.name}?`, `${conference.size} participants go on after their Dial.`, "End",
      () => rest(url, "POST", { Status: "completed" }, conference.account)), { kind: "danger" }),
  ] : [];
  return make("section", { class: "card", "aria-label": conference.name }, make("div", { class: "heading" },
    make("h2", {}, icon("conferences"), conference.name, make("span", { class: "badge" }, String(conference.size))), make("div", { class: "tools" }, ...tools)),
  table(conference.name, ["Who", "Label", "State", "Call", ...(isAdmin() ? [""] : [])], make("tbody", {}, ...conference.people.map((each) => person(conference, each)))));
}

export function showConferences(view) {
  const place = make("div", { class: "cards" });
  view.replaceChildren(heading("Conferences"), place);
  return listen("rooms", ({ conferences }) => redraw(place, ...(conferences.length ? conferences.map(card)
    : [empty("No conference lives.", "A call joins one by <Dial><Conference>name</Conference></Dial>.")])));
}
