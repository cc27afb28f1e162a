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

// An IPv6 address the one way that everybody writes it (RFC 5952), "ff1e::8000:101", without its
// zone; null for anything else.
export function ipv6Address(text) {
  if (!/^[\da-f:.]*:[\da-f:.]*$/i.test(text)) return null;
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return null;
  }
}

// "ff02::42%eth1": what is before the zone, and the zone with its percent sign.
function cutZone(address) {
  const at = address.indexOf("%");
  return at < 0 ? [address, ""] : [address.slice(0, at), address.slice(at)];
}

export function withPort(address, port) {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

// Whatever somebody types for an IPv6 address, with brackets, port and zone, as it is shown here.
export function asShown(word) {
  const [, open, address, zone, rest] = /^(\[?)([\da-f:.]+)(%[^\]]*)?(\]?(?::\d*)?)$/i.exec(word) ?? [];
  const shown = address === undefined ? null : ipv6Address(address);
  return shown === null ? word : `${open}${shown}${zone ?? ""}${rest}`;
}

// Addresses in the order of their numbers, IPv4 first: 239.0.0.9 before 239.0.0.10, ff1e::9 before ff1e::10.
export function addressOrder(address) {
  if (!address) return "";
  const [number, zone] = cutZone(address);
  const six = ipv6Address(number);
  if (six === null) return `4${number.split(".").map((byte) => byte.padStart(3, "0")).join(".")}`;
  const [left, right] = six.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const groups = right === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
  return `6${groups.map((group) => group.padStart(4, "0")).join(":")}${zone}`;
}

// "TTL"; what IPv6 calls it.
export function hopLimitName(family) {
  return family === "ipv6" ? "Hop limit" : "TTL";
}
