// The head of the page: whose numbers these are, how many streams are in which state,
// whether the last reload worked, and whether the agent answers at all.
import {element, setText} from "./dom.js";
import * as text from "./text.js";

const kMaxErrors = 50;

export class Header {
  #shownCounts = "";
  #counts;
  #selectState;
  #failing = null;
  #banner = document.getElementById("banner");
  #config = null;

  // `selectState(state)`: a count was chosen.
  constructor(selectState) {
    this.#selectState = selectState;
    this.#counts = element("p", {id: "counts", role: "group", "aria-label": "Streams in each state"});
    document.querySelector("#header nav").after(this.#counts);
  }

  showStatus(status) {
    setText(document.getElementById("host"), status.host);
    document.title = `${status.host}: mcast-agent`;
    setText(document.getElementById("version"), `mcast-agent ${status.version}`);
    this.#showReload(status.config);
  }

  // [[state, how many], ...]; `selected`: the state that the table is narrowed to, or "".
  showCounts(counts, selected) {
    const key = JSON.stringify([counts, selected]);
    if (key === this.#shownCounts) return;
    this.#shownCounts = key;
    // The same buttons as long as the states are the same, so that the focus stays.
    const old = new Map([...this.#counts.children].map((button) => [button.dataset.state, button]));
    const buttons = counts.map(([state, number]) => {
      const button = old.get(state) ?? this.#makeCount(state);
      setText(button, `${text.count(number)} ${state}`);
      button.setAttribute("aria-pressed", String(state === selected));
      return button;
    });
    if (buttons.length !== this.#counts.children.length || buttons.some((button, i) => this.#counts.children[i] !== button)) {
      this.#counts.replaceChildren(...buttons);
    }
  }

  answered() {
    if (this.#failing === null) return;
    this.#failing = null;
    this.#banner.hidden = true;
    setText(this.#banner, "");
    document.body.classList.remove("stale");
  }

  // `error`: of the question that was not answered.
  failed(error) {
    this.#failing ??= Date.now() / 1000;
    const why = error.name === "TimeoutError" ? "no answer within 5 s"
      : error instanceof TypeError ? "no connection" : error.message;
    setText(this.#banner, `The agent has not answered since ${text.clockTime(this.#failing)} (${why}). ` +
                          "What is shown is from before then.");
    this.#banner.hidden = false;
    document.body.classList.add("stale");
  }

  #makeCount(state) {
    const button = element("button", {type: "button", class: "count", "data-state": state});
    button.addEventListener("click", () => this.#selectState(state));
    return button;
  }

  #showReload(config) {
    const key = JSON.stringify(config);
    if (key === this.#config) return;
    this.#config = key;
    const place = document.getElementById("reload-errors");
    place.hidden = config.last_reload_successful;
    if (config.last_reload_successful) {
      place.replaceChildren();
      return;
    }
    const errors = config.errors ?? [];
    const since = text.parseTime(config.last_reload_success_time);
    const rest = errors.length - kMaxErrors;
    place.replaceChildren(
      element("p", {}, `The last reload of ${config.file ?? "the configuration"} failed; the one from ${text.clockTime(since)} is in force.`),
      element("ul", {}, ...errors.slice(0, kMaxErrors).map((error) => element("li", {}, error)),
              ...(rest > 0 ? [element("li", {}, `and ${rest} more`)] : [])));
  }
}
