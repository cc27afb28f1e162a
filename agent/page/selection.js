// Which streams the table shows, and in what order. Pure.
import {countStates, kStates} from "./streams.js";
import {addressOrder, asShown, ipv6Address} from "./text.js";

// What columns are sorted by. Text is compared by its natural order (name), the rest with <.
const kSortValues = new Map([
  ["state", (stream) => kStates.indexOf(stream.state)],
  ["kind", (stream) => stream.kind],
  ["name", null],
  ["group", (stream) => stream.groupOrder],
  ["port", (stream) => stream.port],
  ["source", (stream) => stream.sourceOrder || null],
  ["interface", (stream) => stream.interface],
  ["pps", (stream) => stream.pps],
  ["kbps", (stream) => stream.bps],
  ["lossNow", (stream) => stream.lossNow],
  ["lost", (stream) => stream.lost],
  ["hops", (stream) => stream.hops],
  ["dscp", (stream) => stream.dscp],
  ["jitter", (stream) => stream.jitter],
  ["since", (stream) => stream.since],
]);

// video-2 before video-10. Streams that are called by an IPv6 group come last, in the order of the
// groups: their digits are not decimal. Comparing so is slow, so each name gets a rank once.
export function rankNames(streams) {
  const collator = new Intl.Collator("en", {numeric: true});
  const named = streams.map((stream) => {
    const [address, ...rest] = stream.name.split(/(?=[%#])/);
    return {stream, group: ipv6Address(address) === null ? "" : addressOrder(address), rest: rest.join("")};
  });
  named.sort((a, b) => order(a.group, b.group) ||
    (a.group ? collator.compare(a.rest, b.rest) : collator.compare(a.stream.name, b.stream.name)) ||
    order(a.stream.kind, b.stream.kind));
  named.forEach(({stream}, rank) => {
    stream.rank = rank;
  });
}

function order(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Every word of the filter is somewhere in the stream's text.
export function matches(stream, words, state) {
  if (state && stream.state !== state) return false;
  return words.every((word) => stream.searched.includes(word));
}

export function wordsOf(filter) {
  return filter.toLowerCase().split(/\s+/).filter((word) => word !== "").map(asShown);
}

// What is not known comes last in both directions.
function compareBy(read, direction) {
  return (a, b) => {
    if (read) {
      const left = read(a);
      const right = read(b);
      if (left !== right) {
        if (left === null) return 1;
        if (right === null) return -1;
        if (left < right) return -direction;
        if (left > right) return direction;
      }
      return a.rank - b.rank;
    }
    return direction * (a.rank - b.rank);
  };
}

// The rows of the table: {stream} or {heading: {value, counts, size, collapsed}}.
// `selection`: {filter, state, groupBy, column, descending, collapsed (set of values)}.
// `groupBy` is a label's name, or null.
export function selectRows(streams, selection) {
  const words = wordsOf(selection.filter);
  const selected = streams.filter((stream) => matches(stream, words, selection.state));
  selected.sort(compareBy(kSortValues.get(selection.column), selection.descending ? -1 : 1));
  if (selection.groupBy === null) {
    return {rows: selected.map((stream) => ({stream})), shown: selected.length};
  }

  const groups = new Map();
  for (const stream of selected) {
    const value = Object.hasOwn(stream.labels, selection.groupBy) ? stream.labels[selection.groupBy] : null;
    if (!groups.has(value)) groups.set(value, []);
    groups.get(value).push(stream);
  }
  const collator = new Intl.Collator("en", {numeric: true});
  const values = [...groups.keys()].sort((a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return collator.compare(a, b);
  });
  const rows = [];
  for (const value of values) {
    const members = groups.get(value);
    const collapsed = selection.collapsed.has(value);
    rows.push({heading: {label: selection.groupBy, value, counts: countStates(members),
                         size: members.length, collapsed}});
    if (!collapsed) rows.push(...members.map((stream) => ({stream})));
  }
  return {rows, shown: selected.length};
}
