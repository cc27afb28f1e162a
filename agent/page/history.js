// What charts draw: the numbers of every stream since the page was opened, in arrays of
// fixed size. All streams are sampled together and share one time axis.
//
// Every stream has its last two minutes by the second and its last hour by ten seconds;
// streams that were opened have two hours by the second.

export const kFields = 4;  // rate, missing fraction, jitter, hops; NaN where there is none

const kShort = {step: 1, length: 120};
const kCoarse = {step: 10, length: 360};
const kLong = {step: 1, length: 7200};
const kMaxOpened = 12;

// A ring of samples of many streams. Tick n is at n % length in every array.
class Timeline {
  #length;
  #times;
  #series = new Map();
  ticks = 0;

  constructor(length) {
    this.#length = length;
    this.#times = new Float64Array(length);
  }

  tick(time) {
    const slot = this.ticks % this.#length;
    this.#times[slot] = time;
    for (const {values} of this.#series.values()) values.fill(NaN, slot * kFields, (slot + 1) * kFields);
    this.ticks += 1;
  }

  has(key) {
    return this.#series.has(key);
  }

  open(key) {
    if (!this.#series.has(key)) {
      const values = new Float32Array(this.#length * kFields).fill(NaN);
      this.#series.set(key, {values, first: this.ticks});
    }
  }

  // The values of the newest tick.
  set(key, values) {
    let series = this.#series.get(key);
    if (!series) {
      this.open(key);
      series = this.#series.get(key);
    }
    series.first = Math.min(series.first, this.ticks - 1);
    series.values.set(values, ((this.ticks - 1) % this.#length) * kFields);
  }

  keepOnly(keys) {
    for (const key of this.#series.keys()) if (!keys.has(key)) this.#series.delete(key);
  }

  forget(key) {
    this.#series.delete(key);
  }

  // Calls visit(time, values, offset) for each tick with from <= time < until, oldest first.
  visit(key, from, until, visit) {
    const series = this.#series.get(key);
    if (!series) return;
    for (let tick = this.#firstKept(series); tick < this.ticks; ++tick) {
      const slot = tick % this.#length;
      const time = this.#times[slot];
      if (time >= from && time < until) visit(time, series.values, slot * kFields);
    }
  }

  // Infinity while there is none.
  oldestTime(key) {
    const series = this.#series.get(key);
    if (!series) return Infinity;
    const tick = this.#firstKept(series);
    return tick < this.ticks ? this.#times[tick % this.#length] : Infinity;
  }

  #firstKept(series) {
    return Math.max(series.first, this.ticks - this.#length);
  }
}

export class History {
  #short = new Timeline(kShort.length);
  #coarse = new Timeline(kCoarse.length);
  #long = new Timeline(kLong.length);
  #opened = [];
  #nextCoarse = -Infinity;
  #takesCoarse = false;
  // The time of the first sample.
  began = Infinity;

  // Before the samples of one moment.
  tick(time) {
    this.began = Math.min(this.began, time);
    this.#short.tick(time);
    this.#long.tick(time);
    // A clock that was set back does not stop it.
    if (time < this.#nextCoarse - 2 * kCoarse.step) this.#nextCoarse = time;
    this.#takesCoarse = time >= this.#nextCoarse;
    if (this.#takesCoarse) {
      this.#coarse.tick(time);
      this.#nextCoarse = time + kCoarse.step - kShort.step / 2;
    }
  }

  // `now`: over the last second; `lately`: over the last ten.
  add(key, now, lately) {
    this.#short.set(key, now);
    if (this.#long.has(key)) this.#long.set(key, now);
    if (this.#takesCoarse) this.#coarse.set(key, lately);
  }

  // From now on it is kept by the second.
  open(key) {
    if (this.#opened.includes(key)) return;
    this.#opened.push(key);
    if (this.#opened.length > kMaxOpened) this.#long.forget(this.#opened.shift());
    this.#long.open(key);
  }

  keepOnly(keys) {
    this.#short.keepOnly(keys);
    this.#coarse.keepOnly(keys);
    this.#long.keepOnly(keys);
    this.#opened = this.#opened.filter((key) => keys.has(key));
  }

  // [[time, rate, missing, jitter, hops], ...] from `from` on, by the second where that is
  // known and coarser before, in at most about `most` points. Of points that become one,
  // the worst missing fraction and jitter are kept: a short loss must not fade.
  points(key, from, most) {
    const points = [];
    const push = (time, values, offset) =>
      points.push([time, values[offset], values[offset + 1], values[offset + 2], values[offset + 3]]);
    const longFrom = this.#long.oldestTime(key);
    const shortFrom = Math.min(this.#short.oldestTime(key), longFrom);
    this.#coarse.visit(key, from, shortFrom, push);
    this.#short.visit(key, Math.max(from, shortFrom), longFrom, push);
    this.#long.visit(key, Math.max(from, longFrom), Infinity, push);
    return thin(points, most);
  }
}

function thin(points, most) {
  const step = Math.ceil(points.length / most);
  if (step <= 1) return points;
  const thinned = [];
  // Whole buckets from the oldest on would move with each new point; the time decides instead.
  const span = Math.max(1, (points.at(-1)[0] - points[0][0]) / (points.length / step));
  let bucket = null;
  let number = NaN;
  for (const point of points) {
    const its = Math.floor(point[0] / span);
    if (its !== number) {
      if (bucket) thinned.push(finish(bucket));
      number = its;
      bucket = {time: point[0], rates: 0, sum: 0, missing: NaN, jitter: NaN, hops: NaN};
    }
    if (!Number.isNaN(point[1])) {
      bucket.sum += point[1];
      bucket.rates += 1;
    }
    bucket.missing = larger(bucket.missing, point[2]);
    bucket.jitter = larger(bucket.jitter, point[3]);
    if (!Number.isNaN(point[4])) bucket.hops = point[4];
  }
  if (bucket) thinned.push(finish(bucket));
  return thinned;
}

function finish(bucket) {
  return [bucket.time, bucket.rates > 0 ? bucket.sum / bucket.rates : NaN, bucket.missing,
          bucket.jitter, bucket.hops];
}

function larger(a, b) {
  return Number.isNaN(a) || b > a ? b : a;
}
