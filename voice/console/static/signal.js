// The line to the switch: the messages of the Voice SDK over one WebSocket, which comes back when it is lost.
import { ask } from "./api.js";

const VERSION = "1.6";
const KEEP_ALIVE = "\n";
const SILENT_MS = 15000;
const RENEW = 0.8; // of a token's life
const WAITS = [500, 1000, 2000, 5000, 10000];
const GRACE_SECONDS = 30;

export class Signal {
  // `take` gets (type, payload) of each message, `state` whether there is a line.
  constructor(take, state) {
    this.take = take;
    this.state = state;
    this.identity = "";
    this.tries = 0;
    this.over = false;
    this.open();
  }

  async open() {
    const told = await ask("phone", "POST").catch(() => null);
    if (this.over) return;
    if (!told) { this.later(); return; }
    const socket = this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/signal`);
    this.identity = told.identity;
    socket.addEventListener("open", () => this.listen(told.token));
    socket.addEventListener("message", (event) => this.hear(event.data));
    socket.addEventListener("close", () => { if (socket === this.socket) this.lost(); });
  }

  listen(token) {
    this.send("listen", { token, reconnectTimeout: GRACE_SECONDS, browserinfo: { p: "browser", v: "console" } });
  }

  async renew() {
    const told = await ask("phone", "POST").catch(() => null);
    if (told && this.ready) this.listen(told.token);
  }

  hear(text) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket.close(), SILENT_MS);
    if (text === KEEP_ALIVE) { this.socket.send(KEEP_ALIVE); return; }
    const { type, payload = {} } = JSON.parse(text);
    if (type === "connected") {
      this.tries = 0;
      this.ready = true;
      clearTimeout(this.renewal);
      this.renewal = setTimeout(() => this.renew(), 1000 * RENEW * (payload.token?.ttl ?? 3600));
      this.send("register", { media: { audio: true } });
    }
    if (type === "ready") this.state(true);
    this.take(type, payload);
  }

  send(type, payload) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type, version: VERSION, payload }));
  }

  lost() {
    clearTimeout(this.silence);
    clearTimeout(this.renewal);
    this.ready = false;
    this.state(false);
    this.later();
  }

  later() {
    if (this.over) return;
    this.again = setTimeout(() => this.open(), WAITS[Math.min(this.tries, WAITS.length - 1)]);
    this.tries += 1;
  }

  close() {
    this.over = true;
    clearTimeout(this.again);
    clearTimeout(this.silence);
    clearTimeout(this.renewal);
    this.socket?.close();
  }
}
