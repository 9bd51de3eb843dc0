// Times, parties and levels as people read them.
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds)), two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function moment(text) {
  const time = new Date(text);
  const day = new Date().toDateString() === time.toDateString() ? "" : time.toLocaleDateString(undefined, { month: "short", day: "numeric" }) + " ";
  return day + time.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

export function seconds(value, step) {
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
  return `${value.toFixed(digits)} s`;
}

export function milliseconds(value) {
  return value >= 10 ? `${value.toFixed(1)} s` : `${Math.round(1000 * value)} ms`;
}

const WAYS = { inbound: "in", "outbound-api": "out", "outbound-dial": "dialled" };

// Of a call, as seen from the switch.
export function wayOf(direction) {
  return WAYS[direction] ?? direction;
}

export function short(text, most = 60) {
  const whole = String(text ?? "");
  return whole.length > most ? whole.slice(0, most - 1) + "…" : whole;
}

export function firstLine(text) {
  return String(text ?? "").split("\n", 1)[0].trim();
}

// Of one letter of media/envelope.py: 0 is -63 dBov, 63 is full scale.
const CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";
const VALUES = new Map([...CODES].map((letter, value) => [letter, value]));

export function level(letter) {
  return VALUES.get(letter) ?? 0;
}

// What a loudness looks like: half the height at -21 dBov.
export function height(code) {
  return code <= 3 ? 0 : Math.pow(10, (code - 63) / 70);
}
