// The multicast routes of a router, above what it has joined.
import {getJson} from "./agent_client.js";
import {HostTable} from "./host_table.js";
import {Samples} from "./samples.js";
import * as text from "./text.js";

const kRateSeconds = 4;

const kColumns = [
  {id: "group", title: "Group", read: ({route}) => route.group},
  {id: "source", title: "Source", leaves: 6, read: ({route}) => route.source ?? "*"},
  {id: "incoming", title: "In", read: ({route}) => route.incoming ?? "unresolved", mark: ({route}) => (route.incoming ? "" : "warn"),
   explain: "The interface by which packets come; unresolved: no routing daemon has answered yet"},
  {id: "outgoing", title: "Out", elastic: true, read: ({route}) => route.outgoing.map((one) => outputText(one, route.family)).join(", ") || "none",
   mark: ({route}) => (route.outgoing.length > 0 ? "" : "warn"), explain: "The interfaces by which they leave"},
  {id: "pps", title: "pps", number: true, leaves: 3, sample: "99.9 k", read: ({rates}) => text.rate(rates.packets)},
  {id: "kbps", title: "Rate", number: true, leaves: 2, sample: "99.9 Mbps", read: ({rates}) => text.rate(rates.bits, "bps"),
   explain: "With IP headers"},
  {id: "packets", title: "Packets", number: true, leaves: 1, sample: "9,999,999", read: ({route}) => text.count(route.packets)},
  {id: "wrong", title: "Wrong interface", number: true, leaves: 4, read: ({route}) => text.count(route.wrong_interface_packets),
   mark: ({route}) => (route.wrong_interface_packets > 0 ? "bad" : "zero"), explain: "Packets that came in by another interface"},
];

function outputText({interface: name, ttl_threshold: threshold}, family) {
  return threshold > 1 ? `${name} (${text.hopLimitName(family)} above ${threshold})` : name;
}

export class Routes {
  #section = document.getElementById("routes");
  #table = new HostTable(document.getElementById("route-rows"), "Multicast routes", kColumns);
  #samples = new Map();

  async ask() {
    const {routes} = await getJson("/api/v1/routes");
    const now = performance.now() / 1000;
    const before = this.#samples;
    this.#samples = new Map();
    this.#section.hidden = routes.length === 0;
    this.#table.show(routes.map((route) => {
      const key = JSON.stringify([route.group, route.source, route.incoming]);
      const samples = before.get(key) ?? new Samples();
      samples.add(now, route.packets, route.bytes, 0, route.packets);
      this.#samples.set(key, samples);
      return {value: {route, rates: samples.rates(kRateSeconds)}};
    }));
  }
}
