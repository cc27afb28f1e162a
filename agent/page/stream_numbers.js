// The numbers of one stream, as the agent's detailed answer has them, and its findings.
// Each function makes the content of one part of the detail view.
import {element, plainTable, termList} from "./dom.js";
import {describeEvent} from "./event_stream.js";
import * as text from "./text.js";

const kMaxGaps = 100;
const kMaxSenders = 64;

export function receiverNumbers(answer, now) {
  const {rejected} = answer;
  const refused = Object.entries(rejected).filter(([, packets]) => packets > 0);
  return termList([
    ["group", `${answer.group} port ${answer.port}`],
    ["source", answer.source ?? "any (ASM)"],
    ["interface", answer.interface || "by the routing table"],
    ["IGMP", answer.igmp_version === null ? "not forced" : `forced to version ${answer.igmp_version}`],
    ["origin", answer.origin],
    ["state", `${answer.state} for ${sinceText(answer.state_since, now)}`],
    ["join delay", text.duration(answer.join_delay_s)],
    ["last packet", agoText(answer.last_packet, now)],
    ["stalls", `${text.count(answer.stalls)}, ${text.duration(answer.stalled_s)} in all`],
    ["stall timeout", text.duration(answer.stall_timeout_s)],
    ["loss timeout", text.duration(answer.loss_timeout_s)],
    ["packet limit", answer.packet_limit === 0 ? "none" : text.count(answer.packet_limit)],
    ["senders", `${text.count(answer.active_senders)} now, ${text.count(answer.senders_seen)} seen`],
    ["untracked", text.count(answer.untracked_packets)],
    ["rejected", refused.length === 0 ? "0" : refused.map(([why, packets]) => `${why} ${text.count(packets)}`).join(", ")],
  ]);
}

export function senderNumbers(answer) {
  const errors = Object.entries(answer.errors);
  return termList([
    ["group", `${answer.group} port ${answer.port}`],
    ["from", answer.local_address ?? text.kNothing],
    ["source asked for", answer.source ?? "any"],
    ["interface", answer.interface || "by the routing table"],
    ["origin", answer.origin],
    ["sender ID", answer.sender_id],
    ["rate asked for", text.rate(answer.rate_pps, "pps")],
    ["size", `${text.count(answer.size)} bytes`],
    ["TTL", text.count(answer.ttl)],
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

const kSenderHead = [
  ["Source"], ["ID"], ["Packets", "number"], ["Lost", "number"], ["Late", "number"], ["Dup.", "number"],
  ["Reord.", "number"], ["Err. s", "number"], ["Longest gap", "number"], ["TTL", "number"], ["Hops", "number"],
  ["DSCP"], ["Remarked", "number"], ["Restarts", "number"], ["Jitter", "number"], ["Last packet", "number"],
];

export function sendersOfReceiver(answer, now) {
  if (answer.senders.length === 0) return empty("nobody has been heard");
  const rows = answer.senders.slice(0, kMaxSenders).map((one) => [
    one.source, one.sender_id, text.count(one.packets), text.count(one.lost), text.count(one.late),
    text.count(one.duplicates), text.count(one.reordered), text.count(one.errored_s),
    text.duration(one.longest_interruption_s), `${one.sent_ttl} → ${one.ttl}`, text.count(one.hops),
    text.dscpChange(one.sent_dscp, one.dscp), text.count(one.remarked), text.count(one.restarts),
    text.duration(one.jitter_s), agoText(one.last_packet, now),
  ]);
  return withRest(plainTable(kSenderHead, rows), answer.senders.length - rows.length, "senders");
}

export function gapLog(answer) {
  const gaps = answer.senders.flatMap((one) => (one.gaps ?? []).map((gap) => ({...gap, source: one.source})));
  if (gaps.length === 0) return empty("no gaps");
  gaps.sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
  const rows = gaps.slice(0, kMaxGaps).map((gap) => [
    text.clockTimeWithMilliseconds(text.parseTime(gap.time)), text.duration(gap.length_s),
    text.count(gap.lost), gap.source]);
  return withRest(plainTable([["Time"], ["Length", "number"], ["Lost", "number"], ["Sender"]], rows),
                  gaps.length - rows.length, "gaps");
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
  const unknown = checks.filter((check) => check.verdict === "unknown");
  const parts = found.map((check) =>
    element("article", {class: "finding"}, element("h4", {}, check.check),
            termList([["seen", check.seen], ["meaning", check.meaning], ["remedy", check.remedy]])));
  if (found.length === 0) parts.push(empty("no reason found on this host"));
  if (unknown.length > 0) {
    parts.push(element("details", {}, element("summary", {}, `${unknown.length} ${unknown.length === 1 ? "check" : "checks"} without an answer`),
                       termList(unknown.map((check) => [check.check, check.seen]))));
  }
  const fine = checks.filter((check) => check.verdict === "fine").map((check) => check.check);
  if (fine.length > 0) parts.push(element("p", {class: "empty"}, `fine: ${fine.join(", ")}`));
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

function sinceText(time, now) {
  const since = text.parseTime(time);
  return since === null ? text.kNothing : text.age(now - since);
}

function agoText(time, now) {
  const since = text.parseTime(time);
  return text.ago(since === null ? null : now - since);
}
