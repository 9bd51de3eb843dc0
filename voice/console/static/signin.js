// The door.
import { make } from "./dom.js";

export function showSignIn(view, enter) {
  const user = make("input", { id: "user", autocomplete: "username", required: true });
  const password = make("input", { id: "password", type: "password", autocomplete: "current-password", required: true });
  const told = make("p", { role: "alert" });
  async function submit(event) {
    event.preventDefault();
    const answer = await fetch("/console/session", { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: user.value, password: password.value }) }).catch(() => null);
    const found = await answer?.json();
    if (answer?.ok) enter(found);
    else told.textContent = found?.message ?? "The switch does not answer.";
  }
  view.replaceChildren(make("form", { class: "sign-in", submit },
    make("img", { src: "/console/static/strowger.svg", alt: "", width: "64", height: "64" }),
    make("h1", {}, "Strowger"), make("p", { class: "hint" }, "No operator between you and your calls."),
    make("label", { for: "user" }, "Name"), user, make("label", { for: "password" }, "Password"), password, told,
    make("button", { class: "main" }, "Sign in"),
    make("p", { class: "hint" }, make("code", {}, "strowger console"), " prints the first name and password.")));
  user.focus();
}
