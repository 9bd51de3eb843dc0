// The softphone in the corner: dial, answer, keys, mute, microphone and speaker.
import { button, icon, make } from "./dom.js";
import { say } from "./api.js";
import { clock } from "./format.js";
import { Connection } from "./connection.js";
import { Ringer } from "./ringer.js";
import { Signal } from "./signal.js";

const KEYS = [["1", ""], ["2", "abc"], ["3", "def"], ["4", "ghi"], ["5", "jkl"], ["6", "mno"], ["7", "pqrs"], ["8", "tuv"], ["9", "wxyz"], ["*", ""], ["0", "+"], ["#", ""]];
const WORDS = { connecting: "Connecting …", ringing: "Ringing …", open: "Talking", incoming: "Is calling you", over: "Over" };

export class Softphone {
  constructor(place, numbers) {
    this.place = place;
    this.devices = { microphone: "", speaker: "" };
    this.call = null;
    this.ringer = new Ringer();
    this.open = false;
    this.to = make("input", { id: "dial", placeholder: "Number, sip:, client:, conference:", autocomplete: "off", list: "numbers" });
    this.build();
    numbers().then((found) => {
      this.numbers.replaceChildren(...found.map((number) => make("option", { value: number })));
      this.to.value ||= found[0] ?? "";
    });
    if (!navigator.mediaDevices) { this.line.textContent = "Browsers give the microphone to https and to localhost alone."; this.dial.disabled = true; return; }
    this.signal = new Signal((type, payload) => this.hear(type, payload), (there) => this.show(there));
    this.showDevices();
    navigator.mediaDevices.addEventListener("devicechange", () => this.showDevices());
  }

  build() {
    this.numbers = make("datalist", { id: "numbers" });
    this.line = make("p", { class: "line", role: "status" }, "Connecting …");
    this.who = make("b");
    this.time = make("time");
    this.loud = make("meter", { min: "0", max: "0.3", value: "0", "aria-label": "How loud it is" });
    this.about = make("div", { class: "talk", hidden: true }, this.who, this.time, this.loud);
    this.dial = make("button", { class: "dial" }, icon("phone"), make("span", {}, "Call"));
    this.form = make("form", { submit: (event) => { event.preventDefault(); this.start(this.to.value.trim()); } },
      make("label", { for: "dial", class: "unseen" }, "Whom to call"), this.to, this.numbers, this.dial);
    this.keys = make("div", { class: "keys", role: "group", "aria-label": "Keys" }, ...KEYS.map(([key, letters]) => make("button", { type: "button", click: () => this.press(key) }, make("b", {}, key), make("small", { "aria-hidden": "true" }, letters))));
    this.tools = make("div", { class: "tools" });
    this.microphones = make("select", { id: "microphone", change: (event) => this.choose("microphone", event.target.value) });
    this.speakers = make("select", { id: "speaker", change: (event) => this.choose("speaker", event.target.value) });
    this.panel = make("section", { class: "softphone", "aria-label": "Softphone", hidden: true, keydown: (event) => this.type(event) },
      make("div", { class: "heading" }, make("h2", {}, icon("phone"), "Phone"), button("Close", () => this.toggle(false))),
      this.line, this.form, this.about, this.tools, this.keys, make("details", {}, make("summary", {}, "Devices"),
        make("div", { class: "field" }, make("label", { for: "microphone" }, "Microphone"), this.microphones), make("div", { class: "field" }, make("label", { for: "speaker" }, "Speaker"), this.speakers)));
    this.knob = button("Phone", () => this.toggle(!this.open), { icon: "phone", kind: "knob" });
    this.place.replaceChildren(this.panel, this.knob);
  }

  toggle(open) {
    this.open = open;
    this.panel.hidden = !open;
    this.knob.hidden = open;
    if (open) this.to.focus();
  }

  // Whether there is a line to the switch.
  show(there) {
    const back = there && !this.there;
    this.there = there;
    this.line.textContent = there ? `You are client:${this.signal.identity}` : "The line is lost; trying again.";
    this.knob.classList.toggle("there", there);
    if (back) this.call?.rejoin();
    this.render();
  }

  hear(type, payload) {
    if (type === "invite") {
      if (this.call) return; // busy: the switch lets it ring until it has enough
      this.take();
      this.call.offered(payload);
      this.toggle(true);
    } else if (type === "error" && !payload.callsid) say(payload.error?.message ?? "The switch has refused something.", true);
    else if (this.call && ["ringing", "answer", "hangup", "cancel"].includes(type) && (!payload.callsid || type === "ringing" || type === "answer" || payload.callsid === this.call.sid)) this.call.hear(type, payload);
  }

  start(to) {
    if (!to || this.call) return;
    this.toggle(true);
    if (!this.signal) return; // without a microphone, as the panel says
    this.take();
    this.call.call(to).then(() => this.showDevices());
    this.render();
  }

  take() {
    this.call = new Connection(this.signal, this.devices, (call) => this.render(call));
  }

  press(key) {
    this.ringer.beep(key);
    if (this.call?.state === "open") this.call.press(key);
    else if (!this.call) this.to.value += key;
  }

  type(event) {
    if (event.key === "Escape") this.toggle(false);
    if (this.call?.state === "open" && /^[0-9*#]$/.test(event.key) && event.target.tagName !== "INPUT" && event.target.tagName !== "SELECT") this.press(event.key);
  }

  async choose(kind, id) {
    this.devices[kind] = id;
    const used = kind === "microphone" ? this.call?.useMicrophone(id) : this.call?.useSpeaker(id);
    await used?.catch((error) => say(error.message, true));
  }

  async showDevices() {
    const found = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    for (const [kind, list, chosen] of [["audioinput", this.microphones, this.devices.microphone], ["audiooutput", this.speakers, this.devices.speaker]]) {
      const own = found.filter((each) => each.kind === kind && each.deviceId);
      list.replaceChildren(make("option", { value: "" }, "The usual one"), ...own.map((each, number) => make("option", { value: each.deviceId, selected: each.deviceId === chosen }, each.label || `${number + 1}`)));
    }
  }

  render(call = this.call) {
    if (call !== this.call) return;
    const state = call?.state;
    this.ringer.ring(state === "incoming");
    if (state === "over") {
      if (call.error) say(call.error, true);
      this.call = null;
    }
    const talking = Boolean(this.call);
    this.form.hidden = talking;
    this.about.hidden = !talking;
    this.dial.disabled = !this.there;
    this.knob.classList.toggle("busy", talking);
    if (call?.since !== undefined) this.time.textContent = clock((performance.now() - call.since) / 1000);
    this.loud.value = call?.loud ?? 0;
    const shape = `${state}${call?.muted}${call?.sid}`;
    if (shape === this.shape) return;
    this.shape = shape;
    this.who.textContent = call?.peerName ?? "";
    if (state !== "open") this.time.textContent = WORDS[state] ?? "";
    this.tools.replaceChildren(...this.buttons(call, state));
  }

  buttons(call, state) {
    if (!this.call) return [];
    const watch = call.sid.startsWith("CA") ? make("a", { class: "button", href: `#/calls/${call.sid}` }, "Watch it") : null;
    const end = button(state === "incoming" ? "Reject" : "Hang up", () => call.hangUp(), { icon: "end", kind: "danger" });
    if (state === "incoming") return [button("Answer", () => call.accept(), { icon: "phone", kind: "dial" }), end];
    const mute = state === "open" ? button(call.muted ? "Unmute" : "Mute", () => call.mute(!call.muted), { icon: "mute", pressed: call.muted }) : null;
    return [end, mute, watch].filter(Boolean);
  }

  close() {
    this.call?.hangUp();
    this.signal?.close();
    this.ringer.ring(false);
    this.place.replaceChildren();
  }
}
