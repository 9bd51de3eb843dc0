// The page of one call, told on while it lives.
import { button, make } from "./dom.js";
import { ask, attempt, isAdmin, listen, rest } from "./api.js";
import { showDoctor } from "./doctor.js";
import { listenIn } from "./listen.js";
import { Report } from "./report.js";
import { edit, empty } from "./table.js";

function buttons(story) {
  const name = `${story.legs[0].from} → ${story.legs[0].to}`;
  const [{ account, parent }] = story.legs, url = `Calls/${story.sid}`;
  const run = () => edit("Run a document on this call", [{ name: "Twiml", label: "TwiML", type: "textarea", required: true, value: "<Response>\n  <Say>Somebody is watching over you.</Say>\n</Response>", hint: "In place of what it runs now." }],
    (form) => rest(`${url}.json`, "POST", form, account), null, "Run");
  const record = () => attempt(() => rest(`${url}/Recordings.json`, "POST", { RecordingChannels: "dual" }, account), "It is recorded.");
  const live = isAdmin() && !story.over ? [button("Run TwiML", run, { icon: "twiml" }), button("Record", record), button("Listen in", () => listenIn(story.sid, name), { icon: "ear" }),
    button("Hang up", () => attempt(() => ask(`calls/${story.sid}`, "DELETE"), "Hung up."), { icon: "end", kind: "danger" })] : [];
  return [...live, parent ? make("a", { class: "button", href: `#/calls/${parent}` }, "Whole call") : null, make("a", { class: "button", href: `/console/calls/${story.sid}/file`, download: `${story.sid}.html` }, "Save as a file")].filter(Boolean);
}

export function showCall(view, sid) {
  const sound = (line) => `/console/api/2010-04-01/Accounts/${report.story.legs[line.leg].account}/Recordings/${line.data.sid}.wav`;
  let report = null, close = () => {}, left = false;
  view.replaceChildren(make("p", { role: "status" }, "Loading …"));
  const tools = { buttons, sound, doctor: isAdmin() ? (line, place) => showDoctor(line, report.story.legs[line.leg].account, place) : null };

  function show(told) {
    report = new Report(told, tools);
    view.replaceChildren(report.element);
  }

  async function load() {
    const told = await ask(`calls/${sid}`).catch(() => null);
    if (left) return;
    if (!told) { view.replaceChildren(empty("There is no journal of this call.", sid)); return; }
    if (told.over) { show(told); return; }
    close = listen(`calls/${sid}/live`, (more, source) => {
      if (more.sid) show(more); // from the beginning, also after the connection was lost
      else report.add(more);
      if (more.over) source.close();
    });
  }

  load();
  return () => { left = true; close(); };
}
