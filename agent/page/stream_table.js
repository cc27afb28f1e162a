// The table of all streams: its columns, headings, filter and selectors.
import {ColumnWidths} from "./column_widths.js";
import {element, setAttribute, setText} from "./dom.js";
import {rankNames, selectRows} from "./selection.js";
import {kLossSeconds, kStates} from "./streams.js";
import * as text from "./text.js";
import {WindowedRows} from "./windowed_rows.js";

// What a cell shows: text(stream, now), and, where a class depends on the value, mark(). For
// the widths see column_widths.js. `wherever`: its width follows all streams, not those in sight
// alone, so that it stays as it is while the table is scrolled.
const kColumns = [
  {id: "state", title: "State", sample: "receiving ", text: (stream) => stream.state, mark: (stream) => (stream.found === null ? "" : "bad")},
  {id: "kind", title: "Kind", leaves: 0, sample: "receiver", text: (stream) => stream.kind},
  {id: "name", title: "Name", elastic: true, wherever: true, text: (stream) => stream.name},
  {id: "group", title: "Group", leaves: 9, wherever: true, text: (stream) => stream.group},
  {id: "port", title: "Port", number: true, leaves: 2, sample: "19779", text: (stream) => String(stream.port), explain: "UDP port"},
  {id: "source", title: "Source", leaves: 3, wherever: true, text: sourceText, mark: (stream) => (stream.joined ? "" : "heard"),
   explain: "Joined (SSM) or sent from; ASM: any source was asked for, and lighter who is heard"},
  {id: "interface", title: "Interface", leaves: 6, wherever: true, text: (stream) => stream.interface || text.kNothing},
  {id: "pps", title: "pps", number: true, sample: "99.9 k", text: (stream) => text.rate(stream.pps), explain: "Packets a second"},
  {id: "kbps", title: "Rate", number: true, leaves: 4, sample: "99.9 Mbps", text: (stream) => text.rate(stream.bps, "bps"),
   explain: "Bits of UDP payload a second"},
  {id: "lossNow", title: "Loss %", number: true, sample: "<0.01", text: (stream) => text.percent(stream.lossNow),
   mark: (stream) => (stream.lossNow > 0 ? "bad" : "zero"),
   explain: `Of the last ${kLossSeconds} seconds; of a sender: not sent`},
  {id: "lost", title: "Lost", number: true, leaves: 8, sample: "99,999", text: (stream) => text.count(stream.lost),
   mark: (stream) => (stream.lost > 0 ? "" : "zero"), explain: "Packets, in total; of a sender: not sent"},
  {id: "hops", title: "Hops", number: true, leaves: 5, text: (stream) => text.count(stream.hops),
   mark: (stream) => (stream.hops < 0 ? "bad" : "")},
  {id: "dscp", title: "DSCP", leaves: 7, wherever: true, sample: "AF41 → CS1",
   text: (stream) => (stream.dscp === null ? text.kNothing : text.dscpChange(stream.sentDscp, stream.dscp)),
   mark: (stream) => (stream.dscp !== stream.sentDscp ? "warn" : ""), explain: "Sent → arrived where it was remarked"},
  {id: "jitter", title: "Jitter", number: true, leaves: 1, sample: "99.9 us", text: (stream) => text.duration(stream.jitter)},
  {id: "since", title: "Last change", number: true, leaves: 10, sample: "silent for 99.9 s", text: sinceText,
   mark: (stream) => (stream.silentSince === null && stream.found === null ? "" : "bad"),
   explain: "When the state became what it is; how long nothing has come; what was found of a sender"},
];
// In a window so narrow a second line below the name has the rest.
const kNarrow = 700;
// Every so many times that the table is shown all streams are asked how wide their columns are.
const kLooksAtAll = 10;
const kNarrowColumns = ["state", "name", "pps", "lossNow"];

function sinceText(stream, now) {
  if (stream.found !== null) return stream.found;
  if (stream.silentSince !== null) return `silent for ${text.running(now - stream.silentSince)}`;
  return text.ago(stream.since === null ? null : now - stream.since);
}

function sourceText(stream) {
  const more = stream.moreSources > 0 ? ` +${stream.moreSources}` : "";
  if (stream.joined) return stream.source ?? text.kNothing;
  return stream.source ? `ASM ${stream.source}${more}` : "ASM";
}

export class StreamTable {
  #streams;
  #clock;
  #open;
  #rows = [];
  #windowed;
  #widths;
  #place = document.getElementById("stream-rows");
  #heads = new Map();
  #currentKey = null;
  #openKey = null;
  #ranked = -1;
  #shown = 0;
  #selection = {filter: "", state: "", groupBy: null, column: "name", descending: false, collapsed: new Set()};
  #planned = false;
  #reveals = false;

  // `open(stream)`: a row was chosen.
  constructor(streams, clock, open) {
    this.#streams = streams;
    this.#clock = clock;
    this.#open = open;
    this.#windowed = new WindowedRows(this.#place, "Streams", this.#makeHead(), {
      make: makeRow,
      fill: (row, index, columns) => this.#fill(row, this.#rows[index], columns),
      activate: (index) => this.#activate(this.#rows[index]),
      changed: (index) => {
        this.#currentKey = rowKey(this.#rows[index]);
      },
      resized: () => this.#fit(),
    });
    this.#widths = new ColumnWidths(this.#windowed.table, kColumns);
    this.#listen();
  }

  // Shows what the streams are now, once before the next frame however often it is asked.
  update() {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      this.#show();
    });
  }

  setOpen(key) {
    this.#openKey = key;
    if (key !== null) {
      this.#currentKey = key;
      this.#reveals = true;
    }
    this.update();
  }

  focus() {
    this.#show();
    this.#windowed.focus();
  }

  // As if chosen in the selector.
  selectState(state) {
    document.getElementById("state").value = this.#selection.state === state ? "" : state;
    this.#selection.state = document.getElementById("state").value;
    this.update();
  }

  get selectedState() {
    return this.#selection.state;
  }

  #listen() {
    const filter = document.getElementById("filter");
    const state = document.getElementById("state");
    const groupBy = document.getElementById("group-by");
    document.getElementById("selection").addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["", ...kStates]) state.append(element("option", {value: name}, name || "all"));
    filter.addEventListener("input", () => this.#select({filter: filter.value}));
    state.addEventListener("change", () => this.#select({state: state.value}));
    groupBy.addEventListener("change", () =>
      this.#select({groupBy: groupBy.selectedOptions[0]?.labelName ?? null, collapsed: new Set()}));
  }

  #select(changes) {
    Object.assign(this.#selection, changes);
    this.update();
  }

  #makeHead() {
    const cells = kColumns.map((column) => {
      const button = element("button", {type: "button", title: column.explain ?? null}, column.title);
      button.addEventListener("click", () => this.#sortBy(column.id));
      const head = element("th", {scope: "col", class: `${column.id}${column.number ? " number" : ""}`}, button);
      this.#heads.set(column.id, head);
      return head;
    });
    return element("thead", {}, element("tr", {"aria-rowindex": 1}, ...cells));
  }

  #sortBy(column) {
    const descending = this.#selection.column === column && !this.#selection.descending;
    this.#select({column, descending});
  }

  #show() {
    const {column, descending, groupBy} = this.#selection;
    for (const [id, head] of this.#heads) {
      setAttribute(head, "aria-sort", id === column ? (descending ? "descending" : "ascending") : "none");
    }
    const all = this.#streams.all();
    if (this.#ranked !== this.#streams.generation) {
      rankNames(all);
      this.#ranked = this.#streams.generation;
      this.#widths.forget();
      this.#shown = 0;
    }
    if (this.#shown % kLooksAtAll === 0) {
      kColumns.forEach((column, i) => {
        if (column.wherever) for (const stream of all) this.#widths.see(i, column.text(stream));
      });
    }
    this.#shown += 1;
    this.#showLabels();
    const {rows, shown} = selectRows(all, this.#selection);
    this.#rows = rows;
    this.#place.classList.toggle("grouped", groupBy !== null);
    const total = this.#streams.size;
    setText(document.getElementById("shown"), total === 0 ? "no streams"
      : `${shown === total ? "" : `${text.count(shown)} of `}${text.count(total)} ${total === 1 ? "stream" : "streams"}`);
    // The current row is a stream, wherever sorting has put it.
    const found = rows.findIndex((row) => rowKey(row) === this.#currentKey);
    this.#windowed.setLength(rows.length, found >= 0 ? found : this.#windowed.current);
    // Once: a stream that was just opened, in a table that has just become smaller.
    if (this.#reveals && found >= 0) {
      this.#reveals = false;
      this.#windowed.reveal();
    }
    this.#fit();
  }

  // What rows hold is known once they are filled.
  #fit() {
    const room = this.#place.clientWidth;
    const narrow = room <= kNarrow;
    this.#place.classList.toggle("narrow", narrow);
    if (this.#widths.fit(room, narrow ? kNarrowColumns : null)) this.#windowed.recount();
  }

  #showLabels() {
    const select = document.getElementById("group-by");
    const names = this.#streams.labelNames();
    const shown = [...select.options].slice(1).map((option) => option.labelName);
    if (select.options.length > 0 && shown.length === names.length && names.every((name, i) => name === shown[i])) return;
    if (!names.includes(this.#selection.groupBy)) this.#selection.groupBy = null;
    const options = [null, ...names].map((name) => {
      const option = element("option", {}, name ?? (names.length > 0 ? "nothing" : "no labels"));
      option.labelName = name;
      option.selected = name === this.#selection.groupBy;
      return option;
    });
    select.replaceChildren(...options);
    select.disabled = names.length === 0;
  }

  #activate(row) {
    if (!row) return;
    if (row.stream) {
      this.#open(row.stream);
      return;
    }
    const {collapsed} = this.#selection;
    if (!collapsed.delete(row.heading.value)) collapsed.add(row.heading.value);
    this.#show();
  }

  #fill(row, shown, columns) {
    const {heading, stream} = shown;
    setAttribute(row, "aria-expanded", heading ? String(!heading.collapsed) : null);
    setAttribute(row, "aria-selected", stream ? String(stream.key === this.#openKey) : null);
    row.classList.toggle("heading", heading !== undefined);
    if (heading) {
      setAttribute(row, "data-state", null);
      setAttribute(row.lastChild, "colspan", columns);
      fillHeading(row.lastChild, heading);
      return;
    }
    setAttribute(row, "data-state", stream.state);
    const now = this.#clock.now();
    kColumns.forEach((column, i) => {
      const cell = row.childNodes[i];
      const words = column.text(stream, now);
      this.#widths.see(i, words);
      setText(column.id === "name" ? cell.firstChild : cell, words);
      const mark = column.mark?.(stream) ?? "";
      setAttribute(cell, "data-mark", mark || null);
    });
    const name = row.childNodes[2];
    setText(name.lastChild, [stream.kind, stream.group, `port ${stream.port}`, stream.interface].filter((part) => part).join(" · "));
    setAttribute(name, "title", stream.name);
  }
}

function rowKey(row) {
  if (!row) return null;
  return row.stream ? row.stream.key : `heading ${row.heading.value === null} ${row.heading.value}`;
}

// Cells of a stream, and one across all of them for a heading; the style sheet shows
// either.
function makeRow() {
  const cells = kColumns.map((column) => {
    const kind = `${column.id}${column.number ? " number" : ""}`;
    if (column.id !== "name") return element("td", {class: kind});
    // The second line is for narrow windows, which have no columns for it.
    return element("td", {class: kind}, element("span", {class: "its-name"}), element("span", {class: "brief"}));
  });
  const heading = element("td", {class: "across"});
  return element("tr", {}, ...cells, heading);
}

function fillHeading(cell, heading) {
  const value = heading.value === null ? `no ${heading.label}` : `${heading.label} = ${heading.value}`;
  const key = JSON.stringify([heading.collapsed, value, heading.counts]);
  if (cell.shown === key) return;
  cell.shown = key;
  const counts = heading.counts.map(([state, number]) =>
    element("span", {class: "count", "data-state": state}, `${text.count(number)} ${state}`));
  cell.replaceChildren(element("span", {class: "fold", "aria-hidden": "true"}, heading.collapsed ? "▸" : "▾"),
                       element("span", {class: "value"}, value), ...counts);
}
