// The numbers of an account and what answers them.
import { button, make } from "./dom.js";
import { attempt, isAdmin, rest } from "./api.js";
import { code, confirm, edit, empty, heading, row, table } from "./table.js";
import { listed, serviceCell, serviceFields } from "./service.js";

export function showNumbers(view) {
  const place = make("div");
  let applications = [];

  function fields(number) {
    const choices = [["", "the voice URL above"], ...applications.map((each) => [each.sid, each.friendly_name || each.sid])];
    return [...(number ? [] : [{ name: "PhoneNumber", label: "Number", required: true, placeholder: "+15550123", hint: "In E.164: a plus and the country's code first." }]),
      ...serviceFields(number ?? {}), { name: "VoiceApplicationSid", label: "Application", options: choices, value: number?.voice_application_sid ?? "", hint: "Answers in place of the voice URL." }];
  }

  function show(numbers) {
    const tools = (number) => [
      button("Call", () => dispatchEvent(new CustomEvent("dial", { detail: number.phone_number })), { icon: "phone", title: `Call ${number.phone_number}` }),
      button("Change", () => edit(number.phone_number, fields(number), (form) => rest(`IncomingPhoneNumbers/${number.sid}.json`, "POST", form), load), { icon: "edit", title: `Change ${number.phone_number}` }),
      button("Give up", () => confirm(`Give up ${number.phone_number}?`, "Who dials it is refused from now on.", "Give up",
        () => rest(`IncomingPhoneNumbers/${number.sid}.json`, "DELETE"), load), { kind: "danger", title: `Give up ${number.phone_number}` })];
    place.replaceChildren(numbers.length ? table("Numbers", ["Number", "Name", "Answered by", "When that fails", "Told of the end", ...(isAdmin() ? [""] : [])],
      make("tbody", {}, ...numbers.map((each) => row([make("b", {}, each.phone_number), each.friendly_name, serviceCell(each, applications), code(each.voice_fallback_url), code(each.status_callback)],
        isAdmin() ? tools(each) : null)))) : empty("This account has no number.", "Callers are refused with 404 until it has one."));
  }

  async function load() {
    await attempt(async () => {
      applications = await listed("Applications.json", "applications");
      show(await listed("IncomingPhoneNumbers.json", "incoming_phone_numbers"));
    });
  }

  const add = isAdmin() ? button("Take a number", () => edit("A new number", fields(null), (form) => rest("IncomingPhoneNumbers.json", "POST", form), load, "Take"), { icon: "plus" }) : null;
  view.replaceChildren(heading("Numbers", add), place);
  load();
  return () => {};
}
