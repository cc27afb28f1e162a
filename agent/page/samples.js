// The newest samples of a stream's counters, and what they say about the last seconds.
// Pure: time comes in as an argument.

const kFields = 5;  // time, packets, bytes, missing, expected
export const kSamples = 12;

// `missing`: lost by a receiver, not sent by a sender. `expected`: all numbers that there
// were, missing or not.
export class Samples {
  #ring = new Float64Array(kSamples * kFields);
  #taken = 0;

  add(time, packets, bytes, missing, expected) {
    if (this.#taken > 0) {
      // Packets never become fewer while a stream lives, so this is another life of it; an
      // estimate of what is overdue may. The same goes for a clock that was set back.
      if (packets < this.#at(0, 1) || time <= this.#at(0, 0)) this.#taken = 0;
    }
    this.#ring.set([time, packets, bytes, missing, expected], (this.#taken % kSamples) * kFields);
    this.#taken += 1;
  }

  // A second, over the last `seconds`; null while that is not known.
  rates(seconds) {
    const back = this.#back(seconds);
    if (back === 0) return {packets: null, bits: null};
    const time = this.#at(0, 0) - this.#at(back, 0);
    return {
      packets: (this.#at(0, 1) - this.#at(back, 1)) / time,
      bits: 8 * (this.#at(0, 2) - this.#at(back, 2)) / time,
    };
  }

  // The fraction that is missing of all there were in the last `seconds`; null if there were none.
  missing(seconds) {
    const back = this.#back(seconds);
    if (back === 0) return null;
    const expected = this.#at(0, 4) - this.#at(back, 4);
    if (expected <= 0) return null;
    return Math.min(1, Math.max(0, (this.#at(0, 3) - this.#at(back, 3)) / expected));
  }

  #at(back, field) {
    return this.#ring[((this.#taken - 1 - back) % kSamples) * kFields + field];
  }

  // How many samples back are nearest to `seconds`, at least one where there is one.
  #back(seconds) {
    const kept = Math.min(this.#taken, kSamples) - 1;
    let back = Math.min(1, Math.max(0, kept));
    while (back < kept && this.#at(0, 0) - this.#at(back + 1, 0) <= seconds + 0.5) back += 1;
    return back;
  }
}
