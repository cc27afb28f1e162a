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

// What an interface says and hears in one family: "MLDv2, querier fe80::1 (MLDv2), last query 3 s ago".
function describeProtocol({protocol, without, version, forced, querier}, loopback, now) {
  if (version === 0) return without;
  const parts = [`${protocol}v${version}${forced > 0 ? ` (forced to ${forced})` : ""}`];
  if (querier) {
    const last = text.parseTime(querier.last_query);
    parts.push(`querier ${querier.address} (${protocol}v${querier.version})`,
               `last query ${text.ago(last === null ? null : now - last)}`);
  } else if (!loopback) {
    parts.push("no querier heard");
  }
  return parts.join(", ");
}

// A line about an interface, which stands above its memberships.
function describeInterface(one, now) {
  const families = [
    {protocol: "IGMP", without: "no IPv4", version: one.igmp_version, forced: one.forced_version, querier: one.querier},
    {protocol: "MLD", without: "no IPv6", version: one.mld_version, forced: one.forced_mld_version, querier: one.mld_querier},
  ];
  const number = one.memberships.length;
  return [...families.map((family) => describeProtocol(family, one.loopback, now)),
          `${text.count(number)} ${number === 1 ? "membership" : "memberships"}`].join(" · ");
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
