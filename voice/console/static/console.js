// Sign-in and the pages.
import { make } from "./dom.js";
import { showHistory, showLive } from "./calls.js";
import { showEditor } from "./editor.js";
import { showCall } from "./inspector.js";

const view = document.getElementById("view"), pages = document.getElementById("pages");
const state = { session: null, ask };
let leave = () => {};

async function ask(path, method = "GET", body = undefined) {
  const headers = { "X-CSRF-Token": state.session?.csrf ?? "" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }).catch(() => null);
  if (answer === null) return null;
  if (answer.status === 401) showSignIn();
  return answer.ok && answer.status !== 204 ? answer.json() : null;
}

function showSignIn(message = "") {
  leave();
  leave = () => {};
  pages.replaceChildren();
  const user = make("input", { id: "user", autocomplete: "username", required: true });
  const password = make("input", { id: "password", type: "password", autocomplete: "current-password", required: true });
  const told = make("p", { role: "alert" }, message);
  view.replaceChildren(make("form", { class: "sign-in", submit: async (event) => {
    event.preventDefault();
    const answer = await fetch("/console/session", { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: user.value, password: password.value }) });
    const found = await answer.json();
    if (!answer.ok) { told.textContent = found.message; return; }
    state.session = found;
    show();
  } }, make("h1", {}, "Sign in"), make("label", { for: "user" }, "Name"), user, make("label", { for: "password" }, "Password"), password,
  told, make("button", {}, "Sign in"), make("p", { class: "hint" }, "strowger console prints the first name and password.")));
  user.focus();
}

function show() {
  if (!state.session) return;
  leave();
  const [, page = "", sid = ""] = location.hash.split("/");
  const link = (href, name, current) => make("a", { href, "aria-current": current ? "page" : null }, name);
  pages.replaceChildren(link("#/", "Live", page === ""), link("#/history", "History", page === "history"), link("#/twiml", "TwiML", page === "twiml"),
    make("button", { type: "button", click: async () => { await ask("/console/session", "DELETE"); state.session = null; showSignIn(); } }, "Sign out"));
  if (page === "calls" && /^CA[0-9a-f]{32}$/.test(sid)) leave = showCall(view, state, sid);
  else if (page === "twiml") leave = showEditor(view, state);
  else if (page === "history") leave = showHistory(view, state);
  else leave = showLive(view, state);
}

addEventListener("hashchange", show);
const answer = await fetch("/console/session").catch(() => null);
state.session = answer?.ok ? await answer.json() : null;
if (state.session?.user) show();
else { state.session = null; showSignIn(); }
