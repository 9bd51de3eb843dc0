// One call of the softphone: its WebRTC connection and where it stands.
import { rest } from "./api.js";

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

function loudness(analyser, samples) {
  analyser.getFloatTimeDomainData(samples);
  return Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
}

// An empty id is the usual one.
function microphone(id) {
  return navigator.mediaDevices.getUserMedia({ audio: { ...SOUND, ...(id ? { deviceId: { exact: id } } : {}) } });
}

// The STUN and TURN servers of the settings.
async function relays() {
  const told = await rest("Tokens.json", "POST", {}).catch(() => null);
  return told?.ice_servers ?? [];
}

export class Connection {
  // `signal` carries its messages, `devices` says which microphone and speaker, `changed` is told of every step.
  constructor(signal, devices, changed) {
    this.signal = signal;
    this.devices = devices;
    this.changed = changed;
    this.sid = `TJS${crypto.randomUUID()}`;
    this.state = "connecting";
    this.muted = false;
    this.error = "";
    this.loud = 0;
  }

  async prepare() {
    const { speaker } = this.devices;
    this.stream = await microphone(this.devices.microphone);
    this.peer = new RTCPeerConnection({ iceServers: await relays() });
    for (const track of this.stream.getTracks()) this.peer.addTrack(track, this.stream);
    this.audio = new Audio();
    this.audio.autoplay = true;
    if (speaker && this.audio.setSinkId) await this.audio.setSinkId(speaker).catch(() => {});
    this.peer.addEventListener("track", ({ streams: [stream] }) => {
      this.audio.srcObject = stream;
      this.measure(stream);
    });
    this.peer.addEventListener("connectionstatechange", () => { if (this.peer.connectionState === "failed") this.restart(); });
  }

  measure(stream) {
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser(), samples = new Float32Array(1024);
    analyser.fftSize = samples.length;
    this.context.createMediaStreamSource(stream).connect(analyser);
    this.meter = setInterval(() => { this.loud = loudness(analyser, samples); this.changed(this); }, 150);
  }

  async call(to) {
    this.peerName = to;
    if (!await this.began(async () => {
      await this.prepare();
      await this.peer.setLocalDescription(await this.peer.createOffer());
    })) return;
    this.signal.send("invite", { callsid: this.sid, sdp: this.peer.localDescription.sdp, twilio: { params: `To=${encodeURIComponent(to)}` } });
  }

  offered({ callsid, sdp, parameters = {}, reconnect }) {
    Object.assign(this, { sid: callsid, offer: sdp, token: reconnect, state: "incoming", peerName: parameters.From ?? "somebody" });
    this.changed(this);
  }

  async accept() {
    this.step("connecting");
    if (!await this.began(async () => {
      await this.prepare();
      await this.peer.setRemoteDescription({ type: "offer", sdp: this.offer });
      await this.peer.setLocalDescription(await this.peer.createAnswer());
    })) return;
    this.signal.send("answer", { callsid: this.sid, sdp: this.peer.localDescription.sdp });
    this.step("open");
  }

  async began(work) {
    try {
      await work();
    } catch (error) {
      this.fail(error.name === "NotAllowedError" ? "The microphone may not be used." : error.name === "NotFoundError" ? "There is no microphone." : error.message);
      return false;
    }
    if (this.state !== "over") return true;
    this.release(); // hung up meanwhile
    return false;
  }

  async hear(type, payload) {
    if (type === "ringing" || type === "answer") this.sid = payload.callsid ?? this.sid;
    if (payload.reconnect) this.token = payload.reconnect;
    if ((type === "ringing" || type === "answer") && payload.sdp) await this.peer.setRemoteDescription({ type: "answer", sdp: payload.sdp }).catch((error) => this.fail(error.message));
    if (type === "ringing") this.step("ringing");
    if (type === "answer" && this.state !== "over") this.step("open");
    if (type === "hangup" || type === "cancel") this.end(payload.error?.message ?? "");
  }

  // The line was lost and is there again. What was not answered is over; what was may have got another way for its audio meanwhile.
  rejoin() {
    if (this.state === "open" && this.token) this.signal.send("invite", { callsid: this.sid, reconnect: this.token, sdp: this.peer.localDescription.sdp, twilio: {} });
    else this.end("The line was lost.");
  }

  async restart() {
    if (this.state !== "open") return;
    await this.peer.setLocalDescription(await this.peer.createOffer({ iceRestart: true }));
    this.signal.send("reinvite", { callsid: this.sid, sdp: this.peer.localDescription.sdp });
  }

  press(keys) {
    this.signal.send("dtmf", { callsid: this.sid, dtmf: keys });
  }

  mute(muted) {
    this.muted = muted;
    for (const track of this.stream?.getTracks() ?? []) track.enabled = !muted;
    this.changed(this);
  }

  async useMicrophone(id) {
    const sender = this.peer?.getSenders()[0];
    if (!sender) return;
    const stream = await microphone(id);
    await sender.replaceTrack(stream.getTracks()[0]);
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = stream;
    this.mute(this.muted);
  }

  async useSpeaker(id) {
    await this.audio?.setSinkId?.(id);
  }

  hangUp() {
    if (this.state === "over") return;
    this.signal.send(this.state === "incoming" ? "reject" : "hangup", { callsid: this.sid });
    this.end();
  }

  fail(error) {
    this.signal.send(this.offer ? "reject" : "hangup", { callsid: this.sid });
    this.end(error);
  }

  end(error = "") {
    this.error = error;
    this.step("over");
    this.release();
  }

  release() {
    clearInterval(this.meter);
    this.context?.close();
    this.peer?.close();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    Object.assign(this, { context: null, loud: 0 });
  }

  step(state) {
    this.state = state;
    if (state === "open") this.since ??= performance.now();
    this.changed(this);
  }
}
