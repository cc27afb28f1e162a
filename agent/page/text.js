// Numbers and times as text. Pure.

const kGrouped = new Intl.NumberFormat("en-US");
const kDigits = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat(
  "en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits}));
export const kNothing = "–";

export function count(value) {
  return value === null ? kNothing : kGrouped.format(value);
}

export function fixed(value, digits) {
  return value === null || Number.isNaN(value) ? kNothing : kDigits[digits].format(value);
}

// Packets or kilobits a second: slow streams need their decimals, fast ones do not.
export function rate(value) {
  return fixed(value, value !== null && value < 100 ? 1 : 0);
}

export function percent(fraction) {
  if (fraction === null || Number.isNaN(fraction)) return kNothing;
  // What is lost is never shown as nothing.
  if (fraction > 0 && fraction < 0.00005) return "<0.01";
  return kDigits[2].format(fraction * 100);
}

// A length in seconds, in the unit that keeps it short.
export function duration(seconds) {
  if (seconds === null) return kNothing;
  if (seconds === 0) return "0 s";
  if (seconds < 1) return `${fixed(seconds * 1000, seconds < 0.01 ? 3 : 0)} ms`;
  if (seconds < 60) return `${fixed(seconds, seconds < 10 ? 2 : 1)} s`;
  return age(seconds);
}

// The same in whole units, for what goes on.
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 2 * 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86400)} d`;
}

export function ago(seconds) {
  return seconds === null ? kNothing : `${age(seconds)} ago`;
}

// RFC 3339 to seconds since 1970, with the microseconds that Date does not keep.
export function parseTime(text) {
  if (typeof text !== "string") return null;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(text);
  if (!match) return null;
  const seconds = Date.parse(`${match[1]}Z`) / 1000;
  return Number.isNaN(seconds) ? null : seconds + Number(match[2] ?? 0);
}

const kClock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"});
const kDay = new Intl.DateTimeFormat("en-CA");

// The reader's local time, with the date if it was not today.
export function clockTime(seconds, now = Date.now() / 1000) {
  if (seconds === null) return kNothing;
  const then = new Date(seconds * 1000);
  const time = kClock.format(then);
  const day = kDay.format(then);
  return day === kDay.format(new Date(now * 1000)) ? time : `${day} ${time}`;
}

export function clockTimeWithMilliseconds(seconds, now) {
  if (seconds === null) return kNothing;
  const fraction = Math.floor((seconds % 1) * 1000);
  return `${clockTime(seconds, now)}.${String(fraction).padStart(3, "0")}`;
}

const kDscpNames = new Map([[0, "BE"], [46, "EF"]]);
for (let n = 1; n < 8; ++n) kDscpNames.set(8 * n, `CS${n}`);
for (let n = 1; n < 5; ++n) {
  for (let drop = 1; drop < 4; ++drop) kDscpNames.set(8 * n + 2 * drop, `AF${n}${drop}`);
}

export function dscp(value) {
  return kDscpNames.get(value) ?? String(value);
}

// What was sent, and what arrived where somebody has remarked it.
export function dscpChange(sent, arrived) {
  return sent === arrived ? dscp(arrived) : `${dscp(sent)} → ${dscp(arrived)}`;
}

// Addresses in the order of their numbers: 239.0.0.9 before 239.0.0.10.
export function addressOrder(address) {
  if (!address) return "";
  if (address.includes(":")) return `6${address}`;
  return `4${address.split(".").map((byte) => byte.padStart(3, "0")).join(".")}`;
}
