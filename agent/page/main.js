// The live page. The one place where its parts are put together.
import {AgentClock, getJson, Poll} from "./agent_client.js";
import {Documents} from "./documents.js";
import {element, setAttribute} from "./dom.js";
import {EventStream} from "./event_stream.js";
import {Header} from "./header.js";
import {History} from "./history.js";
import {Memberships} from "./memberships.js";
import {detailHead, StreamDetail} from "./stream_detail.js";
import {StreamTable} from "./stream_table.js";
import {kLossSeconds, keyOf, Streams} from "./streams.js";
import {parseTime} from "./text.js";

const kStreamsInterval = 1000;
const kStatusInterval = 5000;
const kFoundInterval = 3000;
// The agent takes 16 KiB of head.
const kMaxQuery = 8000;
const kEventsAgain = 3000;

const clock = new AgentClock();
const streams = new Streams();
const history = new History();
const table = new StreamTable(streams, clock, (stream) => {
  location.hash = `#${stream.kind}/${encodeURIComponent(stream.name)}`;
});
const header = new Header((state) => {
  table.selectState(state);
  showCounts();
});
const memberships = new Memberships(clock);
const documents = new Documents();
const place = document.getElementById("detail");
let detail = null;
let events = document.hidden ? null : connect(null);

function showCounts() {
  header.showCounts(streams.countStates(), table.selectedState);
}

// Where the page is: "#receiver/NAME", "#sender/NAME", "#memberships", "#docs/api.md" or nothing.
function readHash() {
  const match = /^#(receiver|sender)\/(.+)$/.exec(location.hash);
  if (location.hash.startsWith("#docs/")) return {view: "docs", key: null, file: location.hash.slice("#docs/".length)};
  // A router's agent may have no stream at all.
  const atHome = location.hash === "" && asked && streams.size === 0;
  if (!match) return {view: atHome || location.hash === "#memberships" ? "memberships" : "streams", key: null};
  try {
    return {view: "streams", key: keyOf(match[1], decodeURIComponent(match[2]))};
  } catch {
    return {view: "streams", key: null};  // not percent-encoded
  }
}

function closeDetail() {
  location.hash = "#streams";
}

let openKey = null;
let openStream = null;

// Brings what is shown in line with the hash, and with the streams that there are.
function follow() {
  const {view, key, file} = readHash();
  for (const name of ["streams", "memberships", "docs"]) {
    document.getElementById(name).hidden = name !== view;
    const link = document.getElementById(`to-${name}`);
    setAttribute(link, "aria-current", name === view ? "page" : null);
  }
  memberships.show(view === "memberships");
  documents.show(file ?? null);

  const stream = key === null ? null : streams.get(key);
  if (key === openKey && stream === openStream) return;
  const closed = openKey !== null && key === null;
  detail?.close();
  detail = null;
  place.hidden = true;
  delete place.dataset.missing;
  openKey = key;
  openStream = stream;
  document.body.classList.toggle("with-detail", key !== null);
  table.setOpen(key);
  if (stream) {
    detail = new StreamDetail(place, stream, {history, events: {of: (...which) => events?.of(...which) ?? []}, clock, close: closeDetail});
  } else if (key !== null) {
    showMissing();
  }
  if (closed && view === "streams") table.focus();
}

// Not (yet, or any more) there: it may come.
function showMissing() {
  if (!asked || place.dataset.missing === openKey) return;
  place.dataset.missing = openKey;
  place.replaceChildren(detailHead(closeDetail, element("p", {}, `There is no ${openKey.replace("/", " ")}.`)));
  place.hidden = false;
}

let asked = false;

async function askStreams() {
  const [receivers, senders] = await Promise.all([getJson("/api/v1/receivers"), getJson("/api/v1/senders")]);
  const time = parseTime(receivers.time);
  asked = true;
  header.answered();
  clock.set(time);
  streams.update("receiver", receivers.receivers, time);
  streams.update("sender", senders.senders, parseTime(senders.time));
  history.tick(time);
  for (const stream of streams.all()) {
    history.add(stream.key, stream.chartValues(1), stream.chartValues(kLossSeconds));
  }
  history.keepOnly(streams.keys());
  showStreams();
}

// A sender may be in good state as far as it can tell, and yet none of its packets leaves.
async function askFound() {
  let query = "";
  for (const {kind, name} of streams.all()) {
    if (kind !== "sender") continue;
    const more = `${query === "" ? "?" : "&"}name=${encodeURIComponent(name)}`;
    if (query.length + more.length > kMaxQuery) break;
    query += more;
  }
  if (query === "") return;
  streams.setFound((await getJson(`/api/v1/findings${query}`)).findings);
  table.update();
}

function showStreams() {
  showCounts();
  table.update();
  follow();
  if (openKey !== null && !openStream) showMissing();
  detail?.update();
}

function connect(before) {
  const made = new EventStream("/api/v1/events", (event) => {
    if (event.event === "reload") statusPoll.now();
    if (event.event.startsWith("stream-")) streamsPoll.now();
    if (streams.apply(event)) {
      table.update();
      showCountsSoon();
    }
    if (event.stream !== undefined && openStream?.name === event.stream) updateDetailSoon();
  });
  if (before) made.inherit(before);
  made.onGivenUp = () => {
    made.close();
    setTimeout(() => {
      if (events === made && !document.hidden) events = connect(made);
    }, kEventsAgain);
  };
  return made;
}

// A browser has six connections to an agent for all its tabs, and events hold one: tabs
// that nobody sees give theirs back. What happens meanwhile the next answers tell.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) events?.close();
  else events = connect(events);
});

// Thousands of events may come at once: what they change is shown once a frame.
function oncePerFrame(show) {
  let planned = false;
  return () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      show();
    });
  };
}
const showCountsSoon = oncePerFrame(showCounts);
const updateDetailSoon = oncePerFrame(() => detail?.update());

const streamsPoll = new Poll(kStreamsInterval, askStreams, (error) => header.failed(error));
const statusPoll = new Poll(kStatusInterval, async () => header.showStatus(await getJson("/api/v1/status")));

new Poll(kFoundInterval, askFound);

window.addEventListener("hashchange", follow);
document.addEventListener("keydown", (event) => {
  // In a filter that is not empty Escape clears it.
  const typing = event.target instanceof HTMLInputElement && event.target.value !== "";
  if (event.key === "Escape" && openKey !== null && !typing) closeDetail();
  if (event.key === "/" && !(event.target instanceof HTMLInputElement) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    document.getElementById("filter").focus();
  }
});
document.getElementById("state").addEventListener("change", showCounts);
follow();
