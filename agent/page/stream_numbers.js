// The numbers of one stream, as the agent's detailed answer has them, and its findings.
// Each function makes the content of one part of the detail view.
import {element, plainTable, termList} from "./dom.js";
import {describeEvent} from "./event_stream.js";
import * as text from "./text.js";

const kMaxGaps = 100;
const kMaxLongest = 8;
const kMaxSenders = 64;

export function receiverNumbers(answer, now) {
  const {rejected} = answer;
  const refused = Object.entries(rejected).filter(([, packets]) => packets > 0);
  return termList([
    ["group", `${answer.group} port ${answer.port}`],
    ["source", answer.source ?? "any (ASM)"],
    ["interface", answer.interface || "chosen by the routing table"],
    versionRow(answer),
    ["origin", answer.origin],
    ["state", `${answer.state} since ${text.clockTime(text.parseTime(answer.state_since))}`],
    ["join delay", text.duration(answer.join_delay_s)],
    ["last packet", agoText(answer.last_packet, now)],
    ["loss", lossText(answer)],
    ["stalls", answer.stalls === 0 ? "0" : `${text.count(answer.stalls)}, ${text.duration(answer.stalled_s)} beyond the timeout`],
    ["stall timeout", text.duration(answer.stall_timeout_s)],
    ["loss timeout", text.duration(answer.loss_timeout_s)],
    ["packet limit", answer.packet_limit === 0 ? "none" : text.count(answer.packet_limit)],
    ["senders", `${text.count(answer.active_senders)} now, ${text.count(answer.senders_seen)} seen`],
    ["untracked", text.count(answer.untracked_packets)],
    ["rejected", refused.length === 0 ? "0" : refused.map(([why, packets]) => `${why} ${text.count(packets)}`).join(", ")],
  ]);
}

function versionRow({family, igmp_version: igmp, mld_version: mld}) {
  const [title, version] = family === "ipv6" ? ["MLD version", mld] : ["IGMP version", igmp];
  return [title, version ? `forced to ${version}` : "not forced"];
}

// Of all packets so far; what is due while nothing comes counts as lost.
function lossText({senders}) {
  const sum = (key) => senders.reduce((all, one) => all + one[key], 0);
  const overdue = sum("overdue");
  const missing = sum("lost") + overdue;
  const expected = sum("packets") - sum("duplicates") - sum("late") + missing;
  if (expected === 0) return text.kNothing;
  return `${text.percent(missing / expected)} %, ${overdue > 0 ? "about " : ""}${text.count(missing)} of ${text.count(expected)}`;
}

export function senderNumbers(answer) {
  const errors = Object.entries(answer.errors);
  return termList([
    ["group", `${answer.group} port ${answer.port}`],
    ["from", answer.local_address ?? text.kNothing],
    ["source asked for", answer.source ?? "any"],
    ["interface", answer.interface || "chosen by the routing table"],
    ["origin", answer.origin],
    ["sender ID", answer.sender_id],
    ["rate asked for", text.rate(answer.rate_pps, "pps")],
    ["size", `${text.count(answer.size)} bytes`],
    [text.hopLimitName(answer.family), text.count(answer.ttl)],
    ["DSCP", `${text.dscp(answer.dscp)} (${answer.dscp})`],
    ["loopback", answer.loopback ? "yes" : "no"],
    ["packets", text.count(answer.packets)],
    ["bytes", text.count(answer.bytes)],
    ["skipped", text.count(answer.skipped)],
    ["errors", errors.length === 0 ? "0" : errors.map(([name, times]) => `${name} ${text.count(times)}`).join(", ")],
    ["packet limit", answer.packet_limit === 0 ? "none" : text.count(answer.packet_limit)],
    ["duration", answer.duration_s === 0 ? "no end" : text.duration(answer.duration_s)],
  ]);
}

export function labels(answer) {
  const pairs = Object.entries(answer.labels);
  return pairs.length === 0 ? empty("none") : termList(pairs);
}

const senderHead = (family) => [
  ["Source"], ["Packets", "number"], ["Lost", "number"], ["Overdue", "number"], ["Longest gap", "number"], ["Hops", "number"],
  ["DSCP"], ["Jitter", "number"], ["Last packet", "number"], [text.hopLimitName(family), "number"], ["Late", "number"],
  ["Dup.", "number"], ["Reord.", "number"], ["Err. s", "number"], ["Remarked", "number"], ["Restarts", "number"], ["ID"],
];

export function sendersOfReceiver(answer, now) {
  if (answer.senders.length === 0) return empty("no sender heard yet");
  const rows = answer.senders.slice(0, kMaxSenders).map((one) => [
    one.source, text.count(one.packets), text.count(one.lost), text.count(one.overdue),
    text.duration(one.longest_interruption_s), text.count(one.hops), text.dscpChange(one.sent_dscp, one.dscp),
    text.duration(one.jitter_s), one.silence_s > 0 ? `silent for ${text.running(one.silence_s)}` : agoText(one.last_packet, now),
    `${one.sent_ttl} → ${one.ttl}`, text.count(one.late), text.count(one.duplicates), text.count(one.reordered),
    text.count(one.errored_s), text.count(one.remarked), text.count(one.restarts), one.sender_id,
  ]);
  return withRest(plainTable(senderHead(answer.family), rows), answer.senders.length - rows.length, "senders");
}

function gapsOf(answer, key) {
  return answer.senders.flatMap((one) => one[key].map((gap) => ({...gap, source: one.source, until: text.parseTime(gap.time)})));
}

// What is going on, the newest, and the longest where the newest do not have them.
export function gapLog(answer) {
  const newest = gapsOf(answer, "gaps").sort((a, b) => b.until - a.until);
  const longest = gapsOf(answer, "longest_gaps").sort((a, b) => b.length_s - a.length_s);
  const row = (gap) => [text.clockTimeWithMilliseconds(gap.until), text.duration(gap.length_s), text.count(gap.lost), gap.source];
  const going = answer.senders.filter((one) => one.silence_s > 0).map((one) =>
    ["goes on", text.running(one.silence_s), `about ${text.count(one.overdue)}`, one.source]);
  if (newest.length + going.length === 0) return empty("no gaps");
  const table = (rows) => plainTable([["End"], ["Length", "number"], ["Lost", "number"], ["Sender"]], rows);
  const parts = [withRest(table([...going, ...newest.slice(0, kMaxGaps).map(row)]), newest.length - kMaxGaps, "gaps")];
  const known = new Set(newest.map((gap) => `${gap.time} ${gap.source}`));
  if (longest.some((gap) => !known.has(`${gap.time} ${gap.source}`))) {
    parts.push(element("h4", {}, "Longest"), table(longest.slice(0, kMaxLongest).map(row)));
  }
  return element("div", {}, ...parts);
}

// [[from, until], ...]: when nothing came for longer than the stall timeout, for charts.
export function outages(answer) {
  return [...gapsOf(answer, "gaps"), ...gapsOf(answer, "longest_gaps")]
    .filter((gap) => gap.length_s >= answer.stall_timeout_s).map((gap) => [gap.until - gap.length_s, gap.until]);
}

export function eventLog(events) {
  if (events.length === 0) return empty("none since the page was opened");
  return plainTable([["Time"], ["Event"], [""]],
                    events.map((event) => [text.clockTimeWithMilliseconds(event.seconds), event.event, describeEvent(event)]));
}

// `checks`: of the stream in /api/v1/findings; null while it has not been examined.
export function findings(checks, now, examined) {
  if (checks === null) return empty("not examined yet");
  const found = checks.filter((check) => check.verdict === "found");
  const parts = found.map((check) =>
    element("article", {class: "finding"}, element("h4", {}, check.check),
            termList([["seen", check.seen], ["meaning", check.meaning], ["remedy", check.remedy],
                      ...(check.router_commands ?? []).map(({system, command}) => [system, command])])));
  if (found.length === 0) parts.push(empty("no reason found on this host"));
  for (const [verdict, words] of [["unknown", "not known"], ["fine", "ruled out"]]) {
    const its = checks.filter((check) => check.verdict === verdict);
    if (its.length === 0) continue;
    parts.push(element("details", {}, element("summary", {}, `${words}: ${its.map((check) => check.check).join(", ")}`),
                       termList(its.map((check) => [check.check, check.seen]))));
  }
  if (examined !== null) parts.push(element("p", {class: "empty"}, `examined ${text.ago(now - examined)}`));
  return element("div", {}, ...parts);
}

export function empty(words) {
  return element("p", {class: "empty"}, words);
}

function withRest(table, rest, what) {
  const wide = element("div", {class: "wide", tabindex: 0, role: "group", "aria-label": what}, table);
  if (rest <= 0) return wide;
  return element("div", {}, wide, empty(`and ${text.count(rest)} more ${what}`));
}

function secondsSince(time, now) {
  const since = text.parseTime(time);
  return since === null ? null : Math.max(0, now - since);
}

function agoText(time, now) {
  return text.ago(secondsSince(time, now));
}
