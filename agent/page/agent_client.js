// Fetching: the agent's JSON, asked for again and again while somebody looks.

const kDeadline = 5000;

export async function getJson(path) {
  const answer = await fetch(path, {
    headers: {Accept: "application/json"},
    cache: "no-store",
    signal: AbortSignal.timeout(kDeadline),
  });
  if (!answer.ok) throw new Error(`${path}: HTTP status ${answer.status}`);
  return answer.json();
}

// Calls `ask` (async) at once and then every `interval` ms while the tab is visible, never
// twice at a time. What `ask` throws goes to `failed`.
export class Poll {
  #ask;
  #failed;
  #interval;
  #timer = 0;
  #asking = false;
  #again = false;
  #stopped = false;

  constructor(interval, ask, failed = () => {}) {
    this.#interval = interval;
    this.#ask = ask;
    this.#failed = failed;
    this.onVisibility = () => this.now();
    document.addEventListener("visibilitychange", this.onVisibility);
    this.now();
  }

  // Does not wait for the next turn.
  now() {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    if (!this.#stopped && !document.hidden) this.#turn();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.onVisibility);
  }

  async #turn() {
    const began = performance.now();
    this.#asking = true;
    this.#again = false;
    try {
      await this.#ask();
    } catch (error) {
      if (!this.#stopped) this.#failed(error);
    }
    this.#asking = false;
    if (this.#stopped || document.hidden) return;
    const wait = this.#again ? 0 : Math.max(0, this.#interval - (performance.now() - began));
    this.#timer = setTimeout(() => this.now(), wait);
  }
}

// The agent's clock, so that "12 s ago" does not depend on the reader's.
export class AgentClock {
  #offset = Date.now() / 1000 - performance.now() / 1000;

  // `time`: what the agent just said, in seconds since 1970.
  set(time) {
    this.#offset = time - performance.now() / 1000;
  }

  now() {
    return performance.now() / 1000 + this.#offset;
  }
}
