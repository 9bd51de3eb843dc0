// Who is signed in, and which page is shown.
import { button, icon, make } from "./dom.js";
import { ask, attempt, begin, isAdmin, session } from "./api.js";
import { showSignIn } from "./signin.js";
import { showLive } from "./live.js";
import { showHistory } from "./history.js";
import { showCall } from "./inspector.js";
import { showConferences } from "./conferences.js";
import { showQueues } from "./queues.js";
import { showNumbers } from "./numbers.js";
import { showApplications } from "./applications.js";
import { showDomains } from "./domains.js";
import { showTrunks } from "./trunks.js";
import { showEditor } from "./editor.js";
import { listed } from "./service.js";
import { Softphone } from "./softphone.js";

const PAGES = [
  ["Calls", [["", "Live", "live", showLive], ["history", "History", "history", showHistory]]],
  ["Together", [["conferences", "Conferences", "conferences", showConferences], ["queues", "Queues", "queues", showQueues]]],
  ["Reach", [["numbers", "Numbers", "numbers", showNumbers], ["applications", "Applications", "applications", showApplications],
    ["domains", "Phones", "domains", showDomains], ["trunks", "Trunks", "trunks", showTrunks]]],
  ["Write", [["twiml", "TwiML", "twiml", showEditor]]],
];
const frame = document.getElementById("frame"), view = document.getElementById("view");
const numbers = () => listed("IncomingPhoneNumbers.json", "incoming_phone_numbers").then((found) => found.map((each) => each.phone_number), () => []);
let leave = () => {}, phone = null;

function enter(told) {
  begin(told);
  if (isAdmin()) phone = new Softphone(document.getElementById("phone"), numbers);
  show();
}

function showFrame(current) {
  frame.hidden = false;
  document.getElementById("pages").replaceChildren(...PAGES.map(([name, pages]) => make("div", { class: "group" }, make("span", { class: "group-name" }, name),
    ...pages.map(([path, label, picture]) => make("a", { href: `#/${path}`, "aria-current": path === current ? "page" : null }, icon(picture), make("span", {}, label))))));
  document.querySelector("#pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  const accounts = session.accounts.length > 1 ? make("select", { "aria-label": "Account", change: (event) => { session.account = event.target.value; show(); } },
    ...session.accounts.map((each) => make("option", { value: each.sid, selected: each.sid === session.account }, each.name || each.sid))) : null;
  document.getElementById("who").replaceChildren(...[accounts, make("span", { class: "user" }, session.user, make("small", {}, isAdmin() ? "admin" : "viewer")),
    button("Sign out", signOut)].filter(Boolean));
}

function showDoor() {
  leave();
  leave = () => {};
  session.user = "";
  phone?.close();
  phone = null;
  frame.hidden = true;
  document.title = "Strowger";
  showSignIn(view, enter);
}

async function signOut() {
  if (await attempt(() => ask("session", "DELETE"))) showDoor();
}

function show() {
  if (!session.user) return;
  leave();
  const [, path = "", argument = ""] = decodeURI(location.hash).split("/");
  const pages = PAGES.flatMap(([, group]) => group), found = pages.find(([each]) => each === path);
  showFrame(path === "calls" ? "history" : found?.[0]);
  if (path === "calls" && /^CA[0-9a-f]{32}$/.test(argument)) {
    document.title = `${argument.slice(0, 8)}… · Strowger`;
    leave = showCall(view, argument);
    return;
  }
  const [, label, , open] = found ?? pages[0];
  document.title = `${label} · Strowger`;
  leave = open(view, argument);
}

document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); view.focus(); });
addEventListener("hashchange", () => { show(); view.focus({ preventScroll: true }); scrollTo(0, 0); });
addEventListener("signed-out", showDoor);
addEventListener("dial", (event) => phone?.start(event.detail));
const answer = await fetch("/console/session").catch(() => null);
const told = answer?.ok ? await answer.json() : {};
if (told.user) enter(told);
else showDoor();
