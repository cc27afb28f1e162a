// The agent's events as they happen, and the newest of them to look back at.
import * as text from "./text.js";

const kMaxKept = 5000;
const kNames = [
  "first-packet", "stall", "recovery", "restart", "remark", "ttl-change", "burst", "ended", "complete",
  "join", "leave", "stream-added", "stream-removed", "reload", "dropped", "finding",
];

export class EventStream {
  #source;
  #events = [];

  // The browser connects again by itself, and names the event it had last.
  constructor(path, onEvent) {
    this.#source = new EventSource(path);
    for (const name of kNames) {
      this.#source.addEventListener(name, (message) => {
        const event = parseEvent(message.data);
        if (!event) return;
        this.#keep(event);
        onEvent(event);
      });
    }
    // It gives up for good when the agent answers with an error, as it does while it
    // starts or has too many readers.
    this.#source.addEventListener("error", () => {
      if (this.#source.readyState === EventSource.CLOSED) this.onGivenUp?.();
    });
  }

  close() {
    this.#source.close();
  }

  // Newest first, at most `most`.
  of(stream, most) {
    const found = [];
    for (let i = this.#events.length - 1; i >= 0 && found.length < most; --i) {
      if (this.#events[i].stream === stream) found.push(this.#events[i]);
    }
    return found;
  }

  // For the next connection, which starts with nothing.
  inherit(other) {
    this.#events = other.#events;
    return this;
  }

  #keep(event) {
    this.#events.push(event);
    // Not one by one: moving the whole array for each event would be slow in a flood.
    if (this.#events.length > kMaxKept * 1.2) this.#events.splice(0, this.#events.length - kMaxKept);
  }
}

function parseEvent(data) {
  try {
    const event = JSON.parse(data);
    event.seconds = text.parseTime(event.time);
    return event;
  } catch {
    return null;
  }
}

const kSaidElsewhere = new Set(["event", "time", "seconds", "stream", "group"]);

// An event's own keys in words, its numbers as everywhere.
export function describeEvent(event) {
  const words = [];
  for (const [key, value] of Object.entries(event)) {
    if (kSaidElsewhere.has(key) || value === null) continue;
    if (key === "sent_dscp") words.push(`DSCP ${text.dscpChange(value, event.dscp)}`);
    else if (key === "dscp") continue;
    else words.push(`${key.replace(/_s$/, "").replaceAll("_", " ")} ${valueText(key, value)}`);
  }
  return words.join(", ");
}

function valueText(key, value) {
  if (Array.isArray(value)) return value.join("; ");
  if (typeof value !== "number") return String(value);
  return key.endsWith("_s") ? text.duration(value) : text.count(value);
}
