// Repeatable randomness: one 32-bit seed, the same cases on every machine.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** mulberry32 */
  #next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** An integer, 0 … n - 1. */
  below(n) {
    return this.#next() % n;
  }

  between(least, most) {
    return least + this.below(most - least + 1);
  }

  /** True once in `n` times. */
  once(n) {
    return this.below(n) === 0;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** `count` different elements, or all. */
  some(list, count) {
    const rest = [...list];
    const out = [];
    while (out.length < count && rest.length > 0) out.push(...rest.splice(this.below(rest.length), 1));
    return out;
  }
}
