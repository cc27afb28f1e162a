// A table of any length of which only the rows in sight are in the document. Rows are
// used again for others; whoever fills them writes only what has changed.
//
// All rows have the same height, which the style sheet sets (--row-height). One row is
// the current one: it can be reached with Tab, and arrows move it.
import {element, setAttribute} from "./dom.js";

const kBeyond = 6;  // rows above and below what is in sight

export class WindowedRows {
  #scroller;
  #table;
  #body;
  #above;
  #below;
  #rows = [];
  #length = 0;
  #current = 0;
  #options;
  #columns = 1;

  // `head`: a thead. make() gives a new tr, fill(tr, index, columns) shows a row in it,
  // activate(index) is called for a click or Enter, changed() when the current row moves,
  // resized() when the scroller is another size.
  constructor(scroller, label, head, options) {
    this.#scroller = scroller;
    this.#options = options;
    this.#above = element("tbody", {class: "beyond", "aria-hidden": "true"}, element("tr", {}, element("td")));
    this.#below = this.#above.cloneNode(true);
    this.#body = element("tbody");
    this.#table = element("table", {role: "grid", "aria-label": label}, head, this.#above, this.#body, this.#below);
    scroller.append(this.#table);
    scroller.addEventListener("scroll", () => this.render(), {passive: true});
    new ResizeObserver(() => {
      options.resized?.();
      this.recount();
    }).observe(scroller);
    this.#body.addEventListener("click", (event) => this.#click(event));
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.#scroller.addEventListener("keydown", (event) => {
      if (event.target === this.#scroller) this.#key(event);
    });
  }

  get table() {
    return this.#table;
  }

  // Other columns are shown than before: a heading is as wide as all of them.
  recount() {
    this.#columns = [...this.#table.tHead.rows[0].cells].filter((cell) => cell.getClientRects().length > 0).length;
    this.render();
  }

  get current() {
    return this.#current;
  }

  // How many rows there are from now on, and which of them is the current one.
  setLength(length, current) {
    this.#length = length;
    this.#current = Math.min(Math.max(0, current), Math.max(0, length - 1));
    setAttribute(this.#table, "aria-rowcount", length + 1);
    this.render();
  }

  render() {
    const height = this.#rowHeight();
    const head = this.#table.tHead.offsetHeight;
    const inSight = Math.ceil(this.#scroller.clientHeight / height);
    const first = Math.max(0, Math.min(Math.floor(this.#scroller.scrollTop / height) - kBeyond,
                                       this.#length - inSight - 2 * kBeyond));
    const last = Math.min(this.#length, first + inSight + 2 * kBeyond);
    const hadFocus = this.#body.contains(document.activeElement) || document.activeElement === this.#scroller;

    while (this.#rows.length < last - first) {
      const row = this.#options.make();
      row.classList.add("row");
      this.#rows.push(row);
      this.#body.append(row);
    }
    this.#rows.forEach((row, i) => {
      const index = first + i;
      const used = index < last;
      row.hidden = !used;
      if (!used) return;
      row.index = index;
      setAttribute(row, "aria-rowindex", index + 2);
      setAttribute(row, "tabindex", index === this.#current ? 0 : -1);
      this.#options.fill(row, index, this.#columns);
    });
    this.#setSpace(this.#above, first * height);
    this.#setSpace(this.#below, (this.#length - last) * height);

    // The focus belongs to what a row shows, not to the element that happens to show it.
    const current = this.#rows[this.#current - first];
    const inDocument = current && !current.hidden;
    setAttribute(this.#scroller, "tabindex", inDocument ? null : 0);
    if (hadFocus) (inDocument ? current : this.#scroller).focus({preventScroll: true});
    this.#scroller.style.scrollPaddingTop = `${head}px`;
  }

  // Brings the current row into sight.
  reveal() {
    this.#scrollTo(this.#current);
    this.render();
  }

  focus() {
    this.reveal();
    this.#rows.find((row) => !row.hidden && row.index === this.#current)?.focus({preventScroll: true});
  }

  #rowHeight() {
    const height = Number.parseFloat(getComputedStyle(this.#scroller).getPropertyValue("--row-height"));
    return height > 0 ? height : 24;
  }

  #setSpace(body, height) {
    const text = `${height}px`;
    body.hidden = height === 0;
    const cell = body.firstChild.firstChild;
    if (cell.style.height !== text) cell.style.height = text;
  }

  #click(event) {
    const row = event.target.closest("tr.row");
    if (!row) return;
    this.#current = row.index;
    this.#options.changed(this.#current);
    this.render();
    row.focus({preventScroll: true});
    this.#options.activate(row.index);
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / this.#rowHeight()) - 2);
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
                   Home: -this.#length, End: this.#length};
    if (Object.hasOwn(steps, event.key)) {
      this.#current = Math.min(Math.max(0, this.#current + steps[event.key]), Math.max(0, this.#length - 1));
      this.#options.changed(this.#current);
      this.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.#length > 0) this.#options.activate(this.#current);
    } else {
      return;
    }
    event.preventDefault();
  }

  #scrollTo(index) {
    const height = this.#rowHeight();
    const room = this.#scroller.clientHeight - this.#table.tHead.offsetHeight;
    const top = index * height;
    if (top < this.#scroller.scrollTop) this.#scroller.scrollTop = top;
    if (top + height > this.#scroller.scrollTop + room) this.#scroller.scrollTop = top + height - room;
  }
}
