// TwiML applications, which numbers, browsers and <Dial><Application> name.
import { button, make } from "./dom.js";
import { attempt, isAdmin, rest } from "./api.js";
import { code, confirm, edit, empty, heading, row, table } from "./table.js";
import { listed, serviceFields } from "./service.js";

export function showApplications(view) {
  const place = make("div");

  function show(applications) {
    const tools = (each) => [
      button("Change", () => edit(each.friendly_name || each.sid, serviceFields(each), (form) => rest(`Applications/${each.sid}.json`, "POST", form), load), { icon: "edit", title: `Change ${each.friendly_name || each.sid}` }),
      button("Delete", () => confirm(`Delete ${each.friendly_name || each.sid}?`, "Numbers that name it fall back to their own URL.", "Delete",
        () => rest(`Applications/${each.sid}.json`, "DELETE"), load), { kind: "danger", title: `Delete ${each.friendly_name || each.sid}` })];
    place.replaceChildren(applications.length ? table("Applications", ["Name", "Voice URL", "When that fails", "Told of the end", "SID", ...(isAdmin() ? [""] : [])],
      make("tbody", {}, ...applications.map((each) => row([make("b", {}, each.friendly_name || "–"), code(each.voice_url), code(each.voice_fallback_url), code(each.status_callback), code(each.sid)],
        isAdmin() ? tools(each) : null)))) : empty("There is no application.", "One application can answer many numbers and browsers."));
  }

  const load = () => attempt(async () => show(await listed("Applications.json", "applications")));
  const add = isAdmin() ? button("Make an application", () => edit("A new application", serviceFields(), (form) => rest("Applications.json", "POST", form), load, "Make"), { icon: "plus" }) : null;
  view.replaceChildren(heading("Applications", add), place);
  load();
  return () => {};
}
