// Charts of one stream, drawn by dygraphs one below the other over the same time. A pointer
// in one of them shows the values of that moment in all.
//
// dygraphs writes HTML in its legend and titles, so it gets neither.
import {element, setText} from "./dom.js";
import * as text from "./text.js";

const kMaxPoints = 720;
// An outage that is over is in the gap log when its packets are lost: seconds.
const kInGapLog = 5;
// So much at least, even when the page has just been opened.
const kLeastSpan = 60;
const kSpans = [["5 min", 300], ["30 min", 1800], ["2 h", 7200]];

const kOfReceivers = [
  {title: "Rate, pps", read: (point) => point[1], show: (value) => text.rate(value, "pps")},
  {title: "Loss, %", read: (point) => point[2] * 100, show: (value) => `${text.percent(value / 100)} %`, color: "--bad"},
  {title: "Jitter, ms", read: (point) => point[3] * 1000, show: (value) => text.duration(value / 1000)},
  {title: "Hops", read: (point) => point[4], show: text.count, steps: true},
];
const kOfSenders = [
  {title: "Rate, pps", read: (point) => point[1], show: (value) => text.rate(value, "pps")},
  {title: "Not sent, %", read: (point) => point[2] * 100, show: (value) => `${text.percent(value / 100)} %`, color: "--bad"},
];

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// The legend sets style attributes, which the Content-Security-Policy refuses.
Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);

export class Charts {
  element;
  #history;
  #key;
  #clock;
  #charts = [];
  #span = kSpans[0][1];
  #points = [];
  #spans = [];
  #outages = [];
  #silentSince = null;
  #over = [0, 0];  // the newest outage that went on here
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #recolor = () => this.#setColors();

  constructor(history, stream, clock) {
    this.#history = history;
    this.#key = stream.key;
    this.#clock = clock;
    this.#spans = kSpans.map(([title, seconds]) => {
      const button = element("button", {type: "button"}, title);
      button.addEventListener("click", () => this.#setSpan(seconds));
      return {button, seconds};
    });
    const kinds = stream.kind === "receiver" ? kOfReceivers : kOfSenders;
    this.#charts = kinds.map((kind) => {
      const value = element("span", {class: "value"});
      const area = element("div", {class: "area"});
      const figure = element("figure", {role: "img", "aria-label": kind.title},
                             element("figcaption", {}, element("span", {}, kind.title), value), area);
      return {...kind, value, area, figure, graph: null};
    });
    this.element = element("div", {class: "charts"},
                           element("p", {class: "spans", role: "group", "aria-label": "Time shown"},
                                   ...this.#spans.map(({button}) => button)),
                           ...this.#charts.map(({figure}) => figure));
    this.#dark.addEventListener("change", this.#recolor);
  }

  // [[from, until], ...] in seconds: when nothing came, and packets came again.
  showOutages(outages) {
    this.#outages = outages;
  }

  // The element is in the document by then: dygraphs measures it. `silentSince`: of an outage
  // that goes on, or null.
  update(silentSince = this.#silentSince) {
    const until = this.#clock.now();
    if (this.#silentSince !== null) this.#over = [this.#silentSince, until];
    this.#silentSince = silentSince;
    const span = Math.min(this.#span, Math.max(kLeastSpan, until - this.#history.began));
    this.#points = this.#history.points(this.#key, until - span, kMaxPoints);
    for (const {button, seconds} of this.#spans) {
      button.setAttribute("aria-pressed", String(seconds === this.#span));
    }
    for (const chart of this.#charts) {
      const rows = this.#points.map((point) => [new Date(point[0] * 1000), finite(chart.read(point))]);
      const values = rows.map((row) => row[1]).filter((value) => value !== null);
      const range = rangeOf(values);
      const shown = {file: rows.length > 0 ? rows : [[new Date(until * 1000), null]],
                     dateWindow: [(until - span) * 1000, until * 1000], valueRange: range};
      if (chart.graph) {
        chart.graph.updateOptions(shown);
      } else {
        chart.graph = this.#make(chart, shown);
      }
      if (!chart.graph.isHovered) this.#showValue(chart, rows.at(-1)?.[1] ?? null, null);
    }
  }

  close() {
    this.#dark.removeEventListener("change", this.#recolor);
    for (const {graph} of this.#charts) graph?.destroy();
  }

  #make(chart, {file, dateWindow, valueRange}) {
    return new Dygraph(chart.area, file, {
      labels: ["time", "value"],
      legend: "never",
      dateWindow,
      valueRange,
      // Nothing to drag: the time shown is chosen by the buttons, for all charts alike.
      interactionModel: {},
      stepPlot: chart.steps === true,
      strokeWidth: 1.25,
      fillGraph: true,
      fillAlpha: 0.12,
      highlightCircleSize: 3,
      axisLabelFontSize: 11,
      axes: {
        x: {pixelsPerLabel: 70, axisLabelWidth: 64, axisLabelFormatter: (time) => text.clockTime(time / 1000, time / 1000)},
        y: {pixelsPerLabel: 24, axisLabelWidth: 52, axisLabelFormatter: (value) => shortNumber(value)},
      },
      ...colorsOf(chart),
      underlayCallback: (canvas, area, graph) => this.#paintOutages(canvas, area, graph),
      highlightCallback: (event, x, points, row) => this.#hover(x, row),
      unhighlightCallback: () => this.#hover(null, -1),
    });
  }

  #paintOutages(canvas, area, graph) {
    canvas.fillStyle = color("--outage");
    const [began, ended] = this.#over;
    const isLogged = this.#outages.some(([from, until]) => from < ended && until > began);
    const newest = this.#silentSince !== null ? [[this.#silentSince, Infinity]]
      : !isLogged && this.#clock.now() - ended < kInGapLog ? [this.#over] : [];
    for (const [from, until] of [...this.#outages, ...newest]) {
      const left = Math.max(area.x, graph.toDomXCoord(from * 1000));
      const right = until === Infinity ? area.x + area.w : Math.min(area.x + area.w, graph.toDomXCoord(until * 1000));
      if (right > area.x && left < area.x + area.w) canvas.fillRect(left, area.y, Math.max(1, right - left), area.h);
    }
  }

  #hover(x, row) {
    for (const chart of this.#charts) {
      if (!chart.graph) continue;
      chart.graph.isHovered = row >= 0;
      if (row >= 0) {
        chart.graph.setSelection(row);
        this.#showValue(chart, chart.graph.getValue(row, 1), x / 1000);
      } else {
        chart.graph.clearSelection();
        this.#showValue(chart, finite(this.#points.length > 0 ? chart.read(this.#points.at(-1)) : NaN), null);
      }
    }
  }

  #showValue(chart, value, time) {
    const shown = value === null ? text.kNothing : chart.show(value);
    setText(chart.value, time === null ? shown : `${text.clockTime(time)}   ${shown}`);
  }

  #setSpan(seconds) {
    this.#span = seconds;
    this.update();
  }

  #setColors() {
    for (const chart of this.#charts) chart.graph?.updateOptions(colorsOf(chart));
  }
}

function colorsOf(chart) {
  return {colors: [color(chart.color ?? "--line")], axisLineColor: color("--rule"), gridLineColor: color("--rule")};
}

function finite(value) {
  return Number.isFinite(value) ? value : null;
}

// From zero, with room above, and never so near that noise fills the chart.
function rangeOf(values) {
  let least = 0;
  let most = 0;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least === 0 && most === 0) return [0, 1];
  return [least * 1.15, Math.max(most * 1.15, 0.001)];
}

function shortNumber(value) {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (Math.abs(value) >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(3)));
}
