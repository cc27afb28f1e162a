// The table's model: one Stream for each receiver and sender, made from the agent's
// answers and events.
import {Samples} from "./samples.js";
import {addressOrder, parseTime, withPort} from "./text.js";

// Rates over two seconds follow a stall at once; loss over ten is seen by somebody who
// looks up now and then.
const kRateSeconds = 2;
export const kLossSeconds = 10;

// In the order of urgency: sorting by state brings trouble to the top.
export const kStates = ["failed", "stalled", "waiting", "receiving", "sending", "ended", "finished"];

export function keyOf(kind, name) {
  return `${kind}/${name}`;
}

// Among the senders that are heard now, the one with the smallest address: the same one from
// answer to answer. The agent lists them by address.
export function shownSender(receiver) {
  let newest = "";
  for (const sender of receiver.senders) {
    if ((sender.last_packet ?? "") > newest) newest = sender.last_packet;
  }
  const heard = parseTime(newest);
  if (heard === null) return receiver.senders[0] ?? null;
  return receiver.senders.find((sender) => {
    const its = parseTime(sender.last_packet);
    return its !== null && heard - its < receiver.stall_timeout_s;
  }) ?? null;
}

// One clock for all that is said of a silence: that of the interruption it will be.
function silentSince(receiver, time) {
  let newest = null;
  for (const sender of receiver.senders) {
    if (newest === null || (sender.last_packet ?? "") > newest.last_packet) newest = sender;
  }
  if (newest?.silence_s > 0) return time - newest.silence_s;
  // Of a sender whose pace is not known.
  return receiver.state === "stalled" ? parseTime(receiver.last_packet) : null;
}

function sumOf(list, read) {
  let sum = 0;
  for (const entry of list) sum += read(entry);
  return sum;
}

// What has not come of a receiver: lost, or overdue while nothing comes. When packets come
// again those are overdue no more, and lost only when the loss timeout has passed; in between
// they are kept as missing, or an outage would end in a peak of loss long behind it.
class Missing {
  #kept = 0;
  #keptUntil = -Infinity;
  #last = {lost: 0, overdue: 0, pace: 0, packets: 0, time: 0};

  // `timeout`: seconds in which what is missing becomes lost.
  of({senders}, packets, time, timeout) {
    const now = {
      lost: sumOf(senders, (one) => one.lost),
      overdue: sumOf(senders, (one) => one.overdue),
      pace: sumOf(senders, (one) => (one.silence_s > 0 ? one.overdue / one.silence_s : 0)),
      packets,
      time,
    };
    const last = this.#last;
    this.#last = now;
    if (time > this.#keptUntil) this.#kept = 0;
    if (now.overdue < last.overdue) {
      // With those that were due since the last answer and did not come either.
      this.#kept += last.overdue - now.overdue + Math.max(0, last.pace * (time - last.time) - (packets - last.packets));
      this.#keptUntil = time + timeout;
    }
    this.#kept = Math.max(0, this.#kept - Math.max(0, now.lost - last.lost));
    return now.lost + now.overdue + Math.round(this.#kept);
  }
}

// Between a packet and an answer that knows of it.
const kAnswerDelay = 2;
// Seconds; events and answers that cross are closer together.
const kClockStep = 30;

export class Stream {
  samples = new Samples();
  // From when on nothing has come that was due; null while packets come.
  silentSince = null;
  // Why a sender does not send: the check that found something, else null.
  found = null;
  #missing = new Missing();
  // When the state that is shown was told, by the agent's clock.
  toldAt = -Infinity;

  constructor(kind, answer) {
    this.kind = kind;
    this.name = answer.name;
    this.key = keyOf(kind, answer.name);
    this.groupOrder = addressOrder(answer.group);
    this.state = null;
    this.since = null;
  }

  // `time`: the answer's own.
  update(answer, time) {
    this.answer = answer;
    this.group = answer.group;
    this.port = answer.port;
    this.interface = answer.interface;
    this.labels = answer.labels;
    if (this.kind === "receiver") {
      this.#updateReceiver(answer, time);
    } else {
      this.#updateSender(answer, time);
    }
    this.sourceOrder = addressOrder(this.source);
    const {packets, bits} = this.samples.rates(kRateSeconds);
    this.pps = packets;
    this.bps = bits;
    this.lossNow = this.samples.missing(kLossSeconds);
    // A group of link-local scope may be typed with its zone.
    const zoned = this.group.includes(":") ? withPort(`${this.group}%${this.interface}`, this.port) : "";
    this.searched = [this.name, withPort(this.group, this.port), zoned, this.joined ? "" : "asm", this.source ?? "", this.interface,
                     ...Object.entries(this.labels).map(([name, value]) => `${name}=${value}`)]
      .join("\n").toLowerCase();
  }

  // An event is newer than an answer that was made before it.
  setState(state, since, toldAt) {
    // Much older: the agent's clock was set back.
    if (toldAt < this.toldAt && toldAt > this.toldAt - kClockStep) return;
    this.toldAt = toldAt;
    this.state = state;
    this.since = since;
  }

  // The last second and the last ten, as charts draw them.
  chartValues(seconds) {
    return [this.samples.rates(seconds).packets ?? NaN, this.samples.missing(seconds) ?? NaN,
            this.jitter === null || this.state !== "receiving" || this.silentSince !== null ? NaN : this.jitter, this.hops ?? NaN];
  }

  #updateReceiver(answer, time) {
    const sender = shownSender(answer);
    this.setState(answer.state, parseTime(answer.state_since), time);
    this.joined = answer.source !== null;
    this.source = answer.source ?? sender?.source ?? null;
    this.moreSources = this.joined ? 0 : Math.max(0, answer.active_senders - 1);
    this.hops = sender ? sender.hops : null;
    this.dscp = sender ? sender.dscp : null;
    this.sentDscp = sender ? sender.sent_dscp : null;
    this.jitter = sender ? sender.jitter_s : null;
    const packets = sumOf(answer.senders, (one) => one.packets);
    this.lost = this.#missing.of(answer, packets, time, answer.loss_timeout_s + kAnswerDelay);
    this.silentSince = silentSince(answer, time);
    const arrived = sumOf(answer.senders, (one) => one.packets - one.duplicates - one.late);
    this.samples.add(time, packets, sumOf(answer.senders, (one) => one.bytes), this.lost, arrived + this.lost);
  }

  #updateSender(answer, time) {
    this.setState(answer.state, parseTime(answer.state_since), time);
    this.joined = true;
    this.source = answer.local_address ?? answer.source;
    this.moreSources = 0;
    this.hops = null;
    this.dscp = answer.dscp;
    this.sentDscp = answer.dscp;
    this.jitter = null;
    const unsent = answer.skipped + sumOf(Object.values(answer.errors), (times) => times);
    this.lost = unsent;
    this.samples.add(time, answer.packets, answer.bytes, unsent, answer.packets + unsent);
  }
}

// What an event says about a receiver's state.
const kStateOfEvent = new Map([["stall", "stalled"], ["recovery", "receiving"], ["first-packet", "receiving"], ["ended", "ended"]]);

export class Streams {
  #streams = new Map();
  // Changes whenever a stream comes or goes.
  generation = 0;

  all() {
    return [...this.#streams.values()];
  }

  get(key) {
    return this.#streams.get(key) ?? null;
  }

  get size() {
    return this.#streams.size;
  }

  // `list`: of the answer with this `time`.
  update(kind, list, time) {
    const there = new Set();
    for (const answer of list) {
      const key = keyOf(kind, answer.name);
      there.add(key);
      let stream = this.#streams.get(key);
      // The same name for something else: a new stream.
      if (!stream || stream.group !== answer.group) {
        stream = new Stream(kind, answer);
        this.#streams.set(key, stream);
        this.generation += 1;
      }
      stream.update(answer, time);
    }
    for (const [key, stream] of this.#streams) {
      if (stream.kind === kind && !there.has(key)) {
        this.#streams.delete(key);
        this.generation += 1;
      }
    }
  }

  // True if it changed what the table shows.
  apply(event) {
    const state = kStateOfEvent.get(event.event);
    const stream = state && this.#streams.get(keyOf("receiver", event.stream));
    if (!stream || event.seconds === null) return false;
    stream.setState(state, event.seconds, event.seconds);
    return true;
  }

  // `findings`: the agent's, of some senders at least.
  setFound(findings) {
    const found = new Map();
    for (const {kind, stream, checks} of findings) {
      if (kind === "sender") found.set(stream, checks.find((check) => check.verdict === "found")?.check);
    }
    for (const stream of this.#streams.values()) {
      if (stream.kind === "sender") stream.found = found.get(stream.name) ?? null;
    }
  }

  keys() {
    return new Set(this.#streams.keys());
  }

  // [[state, how many], ...] of the states that there are.
  countStates() {
    return countStates(this.#streams.values());
  }

  labelNames() {
    const names = new Set();
    for (const stream of this.#streams.values()) {
      for (const name of Object.keys(stream.labels)) names.add(name);
    }
    return [...names].sort();
  }
}

export function countStates(streams) {
  const counts = new Map();
  for (const stream of streams) counts.set(stream.state, (counts.get(stream.state) ?? 0) + 1);
  return kStates.filter((state) => counts.has(state)).map((state) => [state, counts.get(state)]);
}
