// Numbers and times as text. Pure.

const kGrouped = new Intl.NumberFormat("en-US");
export const kNothing = "–";

function isNothing(value) {
  return value === null || value === undefined || Number.isNaN(value);
}

export function count(value) {
  return isNothing(value) ? kNothing : kGrouped.format(value);
}

// Three digits, as the commands write them: "9.99", "99.9", "999".
function threeDigits(value) {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

function withUnit(value, units) {
  let unit = 0;
  // What would be rounded to 1000 gets the next unit.
  for (; value >= 999.5 && unit + 1 < units.length; unit += 1) value /= 1000;
  return `${threeDigits(value)} ${units[unit]}`.trimEnd();
}

// "25.0", "446 k"; with a unit "25.0 pps", "1.25 Mbps".
export function rate(value, unit = "") {
  if (isNothing(value)) return kNothing;
  return withUnit(Math.max(0, value), ["", "k", "M", "G", "T"].map((prefix) => prefix + unit));
}

export function percent(fraction) {
  if (isNothing(fraction)) return kNothing;
  // What is lost is never shown as nothing, and what has come never as lost.
  if (fraction > 0 && fraction < 0.00005) return "<0.01";
  return threeDigits(fraction < 1 ? Math.min(100 * fraction, 99.9) : 100);
}

// A length in seconds: "432 ns", "5.25 ms", "31.6 s", "00:20:34".
export function duration(seconds) {
  if (isNothing(seconds)) return kNothing;
  if (seconds <= 0) return "0 s";
  if (seconds >= 999.5) return clock(seconds);
  if (seconds < 0.9995e-6) return `${Math.round(seconds * 1e9)} ns`;
  return withUnit(seconds * 1e6, ["us", "ms", "s"]);
}

// For what goes on, cut and not rounded: "8.9 s", from 100 s on "00:01:40".
export function running(seconds) {
  if (isNothing(seconds)) return kNothing;
  return seconds >= 100 ? clock(seconds) : `${(Math.floor(Math.max(0, seconds) * 10) / 10).toFixed(1)} s`;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const days = Math.floor(whole / 86400);
  return (days > 0 ? `${days}d ` : "") + parts.map((part) => String(part).padStart(2, "0")).join(":");
}

// In whole units, where how long ago is enough.
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
