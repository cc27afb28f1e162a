// How wide the columns of a table are, and for which of them there is room. Widths follow
// what the cells hold, so that no value is cut but in the one elastic column; where a table
// has more room than that, all of its columns share some of it.

const kPadding = 16;  // of a cell, both sides
const kSortArrow = 14;
const kElasticLeast = 120;
// Wider than that, a line cannot be followed with the eye.
const kMostStretch = 1.5;
// Of characters whose width is remembered.
const kMaxKnown = 1024;

export class ColumnWidths {
  #table;
  #columns;
  #room = 0;
  #known = new Map();  // character to pixels
  #content;
  #context = document.createElement("canvas").getContext("2d");
  #hasFont = false;
  #changed = true;

  // `columns`: {id, title, sample, elastic, leaves}. `sample`: what always has room;
  // `leaves`: the columns with the smallest number go first where there is no room, those without stay.
  constructor(table, columns) {
    this.#table = table;
    this.#columns = columns;
    this.forget();
  }

  // The cells hold something else from now on.
  forget() {
    this.#content = this.#columns.map(() => 0);
    this.#changed = true;
    this.#columns.forEach((column, i) => this.see(i, column.sample ?? ""));
  }

  // `text` is in a cell of that column.
  see(column, text) {
    const pixels = this.#widthOf(text);
    if (pixels <= this.#content[column]) return;
    this.#content[column] = pixels;
    this.#changed = true;
  }

  // Writes the widths if anything has changed; `only`: the columns to show, if that is not
  // for the room to decide. True if other columns are shown than before.
  fit(room, only = null) {
    if (room <= 0 || (!this.#changed && room === this.#room)) return false;
    this.#changed = false;
    this.#room = room;
    const widths = this.#columns.map((column, i) =>
      Math.max(this.#content[i], this.#widthOf(column.title) + kSortArrow) + kPadding);
    const least = (i) => (this.#columns[i].elastic ? Math.min(widths[i], kElasticLeast) : widths[i]);
    let shown = this.#columns.map((_, i) => i).filter((i) => !only || only.includes(this.#columns[i].id));
    const sum = (width) => shown.reduce((all, i) => all + width(i), 0);
    for (const i of only ? [] : this.#byLeaving()) {
      if (sum(least) <= room) break;
      shown = shown.filter((one) => one !== i);
    }
    const elastic = this.#columns.findIndex((column) => column.elastic);
    const rest = room - sum((i) => (i === elastic ? 0 : widths[i]));
    widths[elastic] = Math.max(least(elastic), only ? rest : Math.min(widths[elastic], rest));
    const without = this.#columns.filter((_, i) => !shown.includes(i)).map((column) => column.id).join(" ");
    const differs = this.#table.dataset.without !== without;
    this.#table.dataset.without = without;
    this.#table.style.maxWidth = only ? "" : `${Math.round(kMostStretch * sum((i) => widths[i]))}px`;
    [...this.#table.tHead.rows[0].cells].forEach((head, i) => {
      head.style.width = `${widths[i]}px`;
    });
    return differs;
  }

  #byLeaving() {
    return this.#columns.map((column, i) => [column.leaves, i]).filter(([turn]) => turn !== undefined)
      .sort(([a], [b]) => a - b).map(([, i]) => i);
  }

  // The sum of its characters: thousands of texts a second are not measured one by one.
  #widthOf(text) {
    let sum = 1;
    for (const character of text) {
      let pixels = this.#known.get(character);
      if (pixels === undefined) {
        if (this.#known.size >= kMaxKnown) this.#known.clear();
        pixels = this.#measure(character);
        this.#known.set(character, pixels);
      }
      sum += pixels;
    }
    return Math.ceil(sum);
  }

  // As bold as a cell may become.
  #measure(character) {
    if (!this.#hasFont) {
      const {fontFamily, fontSize} = getComputedStyle(document.body);
      this.#context.font = `600 ${fontSize} ${fontFamily}`;
      this.#hasFont = true;
    }
    return this.#context.measureText(character).width;
  }
}
