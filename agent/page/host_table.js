// A table of what the kernel has, which nobody sorts or opens: its columns, and headings
// across all of them.
import {ColumnWidths} from "./column_widths.js";
import {element, setAttribute, setText} from "./dom.js";
import {WindowedRows} from "./windowed_rows.js";

export class HostTable {
  #columns;
  #rows = [];
  #windowed;
  #widths;
  #place;

  // `columns`: {id, title, number, read(value), mark(value)} and what ColumnWidths wants.
  constructor(place, label, columns) {
    this.#place = place;
    this.#columns = columns;
    const head = columns.map((column) => element("th", {scope: "col", class: classOf(column), title: column.explain ?? null}, column.title));
    this.#windowed = new WindowedRows(place, label, element("thead", {}, element("tr", {"aria-rowindex": 1}, ...head)), {
      make: () => this.#makeRow(),
      fill: (row, index, shown) => this.#fill(row, this.#rows[index], shown),
      activate: () => {},
      changed: () => {},
      resized: () => this.#fit(),
    });
    this.#widths = new ColumnWidths(this.#windowed.table, columns);
  }

  // `rows`: {value}, or {heading, said} for a line that stands above others.
  show(rows) {
    this.#rows = rows;
    this.#windowed.setLength(rows.length, this.#windowed.current);
    this.#fit();
  }

  #fit() {
    if (this.#widths.fit(this.#place.clientWidth)) this.#windowed.recount();
  }

  #makeRow() {
    return element("tr", {}, ...this.#columns.map((column) => element("td", {class: classOf(column)})),
                   element("td", {class: "across"}, element("span", {class: "value"}), element("span", {class: "said"})));
  }

  #fill(row, {value, heading, said}, shown) {
    row.classList.toggle("heading", heading !== undefined);
    if (heading !== undefined) {
      setAttribute(row.lastChild, "colspan", shown);
      setText(row.lastChild.firstChild, heading);
      setText(row.lastChild.lastChild, said);
      setAttribute(row.lastChild, "title", said);
      return;
    }
    this.#columns.forEach((column, i) => {
      const words = column.read(value);
      this.#widths.see(i, words);
      setText(row.childNodes[i], words);
      setAttribute(row.childNodes[i], "title", words);
      setAttribute(row.childNodes[i], "data-mark", column.mark?.(value) || null);
    });
  }
}

function classOf(column) {
  return `${column.id}${column.number ? " number" : ""}`;
}
