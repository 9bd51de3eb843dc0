// The queues and who waits in them.
import { button, icon, make, redraw } from "./dom.js";
import { isAdmin, listen, rest } from "./api.js";
import { clock } from "./format.js";
import { callLink, confirm, edit, empty, heading, row, table } from "./table.js";
import { listenIn } from "./listen.js";

function send(queue, which, name) {
  edit(`Send ${name} to a document`, [{ name: "Url", label: "URL of its TwiML", type: "url", required: true }],
    (form) => rest(`Queues/${queue.sid}/Members/${which}.json`, "POST", form, queue.account), null, "Send");
}

function person(queue, each, place) {
  const tools = isAdmin() ? [
    button("", () => listenIn(each.call, each.from), { icon: "ear", title: `Listen to ${each.from}` }),
    button("Send …", () => send(queue, each.call, each.from), { title: `Send ${each.from} to a document` }),
  ] : null;
  return row([String(place + 1), each.from, each.to, clock(each.since), callLink(each.call)], tools);
}

function card(queue) {
  const url = `Queues/${queue.sid}.json`;
  const tools = isAdmin() ? [
    queue.size ? button("Send the front …", () => send(queue, "Front", "the front")) : null,
    button("Change", () => edit(`Queue ${queue.name}`, [{ name: "FriendlyName", label: "Name", value: queue.name, required: true },
      { name: "MaxSize", label: "Callers at most", type: "number", value: queue.most, required: true }], (form) => rest(url, "POST", form, queue.account)), { icon: "edit" }),
    button("Delete", () => confirm(`Delete ${queue.name}?`, "It has to be empty.", "Delete", () => rest(url, "DELETE", undefined, queue.account)), { kind: "danger", disabled: queue.size > 0 }),
  ] : [];
  return make("section", { class: "card", "aria-label": queue.name }, make("div", { class: "heading" },
    make("h2", {}, icon("queues"), queue.name, make("span", { class: "badge" }, `${queue.size} of ${queue.most}`)), make("div", { class: "tools" }, ...tools)),
  queue.people.length ? table(queue.name, ["", "From", "To", "Waits", "Call", ...(isAdmin() ? [""] : [])], make("tbody", {}, ...queue.people.map((each, place) => person(queue, each, place))))
    : make("p", { class: "hint" }, "Nobody waits."));
}

export function showQueues(view) {
  const place = make("div", { class: "cards" });
  const add = isAdmin() ? button("Make a queue", () => edit("A new queue", [{ name: "FriendlyName", label: "Name", required: true },
    { name: "MaxSize", label: "Callers at most", type: "number", value: "1000", required: true }], (form) => rest("Queues.json", "POST", form), null, "Make"), { icon: "plus" }) : null;
  view.replaceChildren(heading("Queues", add), place);
  return listen("rooms", ({ queues }) => redraw(place, ...(queues.length ? queues.map(card)
    : [empty("There is no queue.", "A call waits in one by <Enqueue>name</Enqueue>.")])));
}
