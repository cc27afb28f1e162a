// The open stream: charts, numbers, gaps, events and findings.
import {getJson, Poll} from "./agent_client.js";
import {Charts} from "./charts.js";
import {element, setAttribute, setText} from "./dom.js";
import * as numbers from "./stream_numbers.js";
import * as text from "./text.js";

const kAnswerInterval = 1000;
const kFindingsInterval = 3000;
const kMaxEvents = 100;

// The line at the top of the open stream.
export function detailHead(close, ...words) {
  const closing = element("button", {type: "button", class: "close", "aria-keyshortcuts": "Escape"}, "Close");
  closing.addEventListener("click", close);
  return element("header", {}, ...words, closing);
}

// One at a time: make another for another stream.
export class StreamDetail {
  #place;
  #stream;
  #parts;
  #charts;
  #state;
  #silence;
  #error;
  #polls = [];
  #events;
  #clock;
  #eventsShown = null;

  // `stream`: of the table's model. `events`: gives the newest of a stream. `close()` is
  // called when the reader is done.
  constructor(place, stream, {history, events, clock, close}) {
    this.#place = place;
    this.#stream = stream;
    this.#events = events;
    this.#clock = clock;
    history.open(stream.key);
    this.#charts = new Charts(history, stream, clock);
    this.#state = element("span", {class: "state"});
    this.#silence = element("span", {class: "silence"});
    this.#error = element("p", {class: "error", hidden: true});
    this.#parts = this.#makeParts();
    place.replaceChildren(
      detailHead(close, this.#state, this.#silence, element("h2", {}, stream.name),
                 element("span", {class: "kind"}, `${stream.kind} of ${stream.group}`)),
      this.#error,
      element("div", {class: "parts"}, this.#charts.element, ...Object.values(this.#parts).map((part) => part.section)));
    place.hidden = false;
    setAttribute(place, "aria-label", `${stream.kind} ${stream.name}`);
    this.#polls.push(new Poll(kAnswerInterval, () => this.#ask()));
    this.#polls.push(new Poll(kFindingsInterval, () => this.#askFindings()));
    this.update();
  }

  // Whatever the table's model has become.
  update() {
    setText(this.#state, this.#stream.state);
    setAttribute(this.#state, "data-state", this.#stream.state);
    const {silentSince} = this.#stream;
    this.#silence.hidden = silentSince === null;
    setText(this.#silence, silentSince === null ? "" : `silent for ${text.running(this.#clock.now() - silentSince)}`);
    this.#charts.update(silentSince);
    this.#showEvents();
  }

  close() {
    for (const poll of this.#polls) poll.stop();
    this.#charts.close();
    this.#place.hidden = true;
    this.#place.replaceChildren();
  }

  #makeParts() {
    const part = (title, name) => {
      const content = element("div", {class: "content"});
      return {content, section: element("section", {class: name}, element("h3", {}, title), content)};
    };
    const findings = part("Findings", "findings");
    findings.section.hidden = true;
    if (this.#stream.kind === "sender") {
      return {findings, numbers: part("Numbers", "numbers"), labels: part("Labels", "labels"),
              events: part("Events", "events")};
    }
    return {findings, numbers: part("Numbers", "numbers"),
            senders: part("Senders", "senders"), gaps: part("Gap log", "gaps"),
            events: part("Events", "events"), labels: part("Labels", "labels")};
  }

  async #ask() {
    const {kind, name} = this.#stream;
    const answer = await getJson(`/api/v1/${kind}s/${encodeURIComponent(name)}`);
    const now = this.#clock.now();
    this.#error.hidden = answer.error === null;
    setText(this.#error, answer.error ?? "");
    if (kind === "sender") {
      this.#put("numbers", numbers.senderNumbers(answer));
    } else {
      this.#put("numbers", numbers.receiverNumbers(answer, now));
      this.#put("senders", numbers.sendersOfReceiver(answer, now));
      this.#put("gaps", numbers.gapLog(answer));
      this.#charts.showOutages(numbers.outages(answer));
    }
    this.#put("labels", numbers.labels(answer));
  }

  // Receivers that are not silent have none, and senders only what was found.
  async #askFindings() {
    const {kind, name, state} = this.#stream;
    const silent = kind === "receiver" && state !== "receiving" && state !== "ended";
    if (kind === "receiver" && !silent) {
      this.#parts.findings.section.hidden = true;
      return;
    }
    const {findings} = await getJson(`/api/v1/findings?name=${encodeURIComponent(name)}`);
    const its = findings.find((entry) => entry.stream === name && (entry.kind ?? "receiver") === kind) ?? null;
    this.#put("findings", numbers.findings(its?.checks ?? null, this.#clock.now(), text.parseTime(its?.examined)));
    this.#parts.findings.section.hidden = !silent && !its?.checks.some((check) => check.verdict === "found");
  }

  #showEvents() {
    const events = this.#events.of(this.#stream.name, kMaxEvents);
    // The newest one tells whether there is anything new.
    if (this.#eventsShown === (events[0] ?? null) && this.#parts.events.content.firstChild) return;
    this.#eventsShown = events[0] ?? null;
    this.#put("events", numbers.eventLog(events));
  }

  // What is being read, unfolded or scrolled stays as it is where nothing changed.
  #put(name, made) {
    const {content} = this.#parts[name];
    const old = content.firstChild;
    if (old && old.isEqualNode(made)) return;
    const open = [...content.querySelectorAll("details")].map((details) => details.open);
    const scrolled = content.querySelector(".wide")?.scrollLeft ?? 0;
    const focused = content.querySelector(".wide") === document.activeElement;
    content.replaceChildren(made);
    content.querySelectorAll("details").forEach((details, i) => {
      details.open = open[i] ?? false;
    });
    const wide = content.querySelector(".wide");
    if (wide) {
      wide.scrollLeft = scrolled;
      if (focused) wide.focus({preventScroll: true});
    }
  }
}
