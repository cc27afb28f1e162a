// The second view: what the kernel has joined on each interface and who asks, and a router's routes.
import {getJson, Poll} from "./agent_client.js";
import {HostTable} from "./host_table.js";
import {Routes} from "./routes.js";
import * as text from "./text.js";

const kInterval = 2000;
const kMaxStreams = 8;

const kColumns = [
  {id: "group", title: "Group", read: (membership) => membership.group},
  {id: "class", title: "Class", leaves: 2, read: (membership) => membership.class ?? text.kNothing},
  {id: "users", title: "Users", number: true, read: (membership) => text.count(membership.users)},
  {id: "mode", title: "Filter", leaves: 1, read: (membership) => membership.filter_mode},
  {id: "sources", title: "Sources", leaves: 3, read: (membership) => membership.sources.join(", ") || text.kNothing},
  {id: "streams", title: "Streams", elastic: true, read: streamsText},
];

function streamsText(membership) {
  const named = membership.streams.slice(0, kMaxStreams).map((holder) =>
    `${holder.program}[${holder.pid}] ${holder.stream}`);
  if (membership.streams.length > kMaxStreams) named.push(`and ${membership.streams.length - kMaxStreams} more`);
  return named.join(", ") || text.kNothing;
}

// A line about an interface, which stands above its memberships.
function describeInterface(one, now) {
  const parts = [];
  parts.push(one.igmp_version === 0 ? "no IPv4" : `IGMPv${one.igmp_version}`);
  if (one.forced_version > 0) parts.push(`forced to version ${one.forced_version}`);
  if (one.querier) {
    const last = text.parseTime(one.querier.last_query);
    parts.push(`querier ${one.querier.address}, IGMPv${one.querier.version}, ` +
               `last query ${text.ago(last === null ? null : now - last)}`);
  } else if (!one.loopback) {
    parts.push("no querier heard");
  }
  parts.push(`${text.count(one.memberships.length)} memberships`);
  return parts.join(" · ");
}

export class Memberships {
  #clock;
  #routes = new Routes();
  #table = new HostTable(document.getElementById("membership-rows"), "Memberships", kColumns);
  #poll = null;

  constructor(clock) {
    this.#clock = clock;
  }

  // Asks only while it is looked at.
  show(shown) {
    if (shown && !this.#poll) this.#poll = new Poll(kInterval, () => Promise.all([this.#ask(), this.#routes.ask()]));
    if (!shown && this.#poll) {
      this.#poll.stop();
      this.#poll = null;
    }
  }

  async #ask() {
    const {interfaces} = await getJson("/api/v1/memberships");
    this.#table.show(interfaces.flatMap((one) =>
      [{heading: one.name, said: describeInterface(one, this.#clock.now())},
       ...one.memberships.map((membership) => ({value: membership}))]));
  }
}
