// The session, and the requests that it may make.
export const session = { user: "", identity: "", role: "", csrf: "", accounts: [], account: "" };

class Refused extends Error {}

export function isAdmin() {
  return session.role === "admin";
}

export function begin(told) {
  Object.assign(session, told);
  session.account = told.accounts?.[0]?.sid ?? "";
}

async function send(path, method, headers, body, signal) {
  const answer = await fetch(path, { method, signal, headers: { "X-CSRF-Token": session.csrf, ...headers }, body }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refused("The switch does not answer.");
  });
  if (answer.status === 401 && session.user) dispatchEvent(new Event("signed-out"));
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Refused(told.message ?? `The switch answered ${answer.status}.`);
  }
  return answer;
}

async function read(answer) {
  return answer.status === 204 ? null : answer.json();
}

// Below /console.
export async function ask(path, method = "GET", body = undefined) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return read(await send(`/console/${path}`, method, headers, body === undefined ? undefined : JSON.stringify(body)));
}

// A resource of the REST API, below an account.
export async function rest(path, method = "GET", form = undefined, account = session.account) {
  const body = form === undefined ? undefined : new URLSearchParams(Object.entries(form).filter(([, value]) => value !== undefined));
  return read(await send(`/console/api/2010-04-01/Accounts/${account}/${path}`, method, {}, body));
}

export async function stream(path, signal) {
  return send(`/console/${path}`, "GET", {}, undefined, signal);
}

// Pushed messages; returns what ends them.
export function listen(path, take, state = () => {}) {
  const source = new EventSource(`/console/${path}`);
  source.addEventListener("open", () => state(true));
  source.addEventListener("message", (event) => take(JSON.parse(event.data), source));
  source.addEventListener("error", () => state(false));
  return () => source.close();
}

// A word to whoever looks; read out, too.
export function say(text, bad = false) {
  const place = document.getElementById("said");
  place.textContent = text;
  place.className = bad ? "bad" : "";
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { place.textContent = ""; }, bad ? 8000 : 4000);
}

// Does something that may be refused, and says how it went.
export async function attempt(work, done = "") {
  try {
    const result = await work();
    if (done) say(done);
    return result ?? true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message, true);
    return null;
  }
}
