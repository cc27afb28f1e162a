// The second view: what the kernel has joined on each interface, and who asks.
import {getJson, Poll} from "./agent_client.js";
import {element, setAttribute, setText} from "./dom.js";
import * as text from "./text.js";
import {WindowedRows} from "./windowed_rows.js";

const kInterval = 2000;
const kMaxStreams = 8;

const kColumns = [
  {id: "group", title: "Group", read: (membership) => membership.group},
  {id: "class", title: "Class", read: (membership) => membership.class ?? text.kNothing},
  {id: "users", title: "Users", number: true, read: (membership) => text.count(membership.users)},
  {id: "mode", title: "Filter", read: (membership) => membership.filter_mode},
  {id: "sources", title: "Sources", read: (membership) => membership.sources.join(", ") || text.kNothing},
  {id: "streams", title: "Streams", read: streamsText},
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
    parts.push(`querier ${one.querier.address} version ${one.querier.version}, ` +
               `asked ${text.ago(last === null ? null : now - last)}`);
  } else if (!one.loopback) {
    parts.push("no querier heard");
  }
  parts.push(`${text.count(one.memberships.length)} memberships`);
  return parts.join(" · ");
}

export class Memberships {
  #clock;
  #rows = [];
  #windowed;
  #poll = null;

  constructor(clock) {
    this.#clock = clock;
    const head = kColumns.map((column) =>
      element("th", {scope: "col", class: `${column.id}${column.number ? " number" : ""}`}, column.title));
    this.#windowed = new WindowedRows(
      document.getElementById("membership-rows"), "Memberships",
      element("thead", {}, element("tr", {"aria-rowindex": 1}, ...head)),
      {make: makeRow, fill: (row, index, columns) => this.#fill(row, this.#rows[index], columns), activate: () => {}, changed: () => {}});
  }

  // Asks only while it is looked at.
  show(shown) {
    if (shown && !this.#poll) this.#poll = new Poll(kInterval, () => this.#ask());
    if (!shown && this.#poll) {
      this.#poll.stop();
      this.#poll = null;
    }
  }

  async #ask() {
    const {interfaces} = await getJson("/api/v1/memberships");
    this.#rows = interfaces.flatMap((one) =>
      [{interface: one}, ...one.memberships.map((membership) => ({membership}))]);
    this.#windowed.setLength(this.#rows.length, this.#windowed.current);
  }

  #fill(row, shown, columns) {
    row.classList.toggle("heading", shown.interface !== undefined);
    if (shown.interface) {
      setAttribute(row.lastChild, "colspan", columns);
      setText(row.lastChild.firstChild, shown.interface.name);
      setText(row.lastChild.lastChild, describeInterface(shown.interface, this.#clock.now()));
      setAttribute(row.lastChild, "title", row.lastChild.lastChild.textContent);
      return;
    }
    kColumns.forEach((column, i) => {
      const words = column.read(shown.membership);
      setText(row.childNodes[i], words);
      setAttribute(row.childNodes[i], "title", words);
    });
  }
}

function makeRow() {
  const cells = kColumns.map((column) =>
    element("td", {class: `${column.id}${column.number ? " number" : ""}`}));
  return element("tr", {}, ...cells,
                 element("td", {class: "across"},
                         element("span", {class: "value"}), element("span", {class: "said"})));
}
