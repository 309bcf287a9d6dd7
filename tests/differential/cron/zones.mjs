// What the clocks of a zone show, as Node's own zone data (ICU) has it: a second source beside the system's.

/** Zones whose rules are of every kind and unlikely to be decided anew; Morocco's, say, change with every release. */
export const ZONES = [
  'UTC', 'Europe/Berlin', 'Europe/London', 'Europe/Dublin', 'America/New_York', 'America/St_Johns', 'America/Sao_Paulo',
  'America/Los_Angeles', 'Australia/Lord_Howe', 'Australia/Sydney', 'Australia/Adelaide', 'Pacific/Chatham', 'Pacific/Apia',
  'Pacific/Auckland', 'Asia/Kathmandu', 'Asia/Kolkata', 'Asia/Tokyo', 'Asia/Pyongyang', 'Antarctica/Troll',
  'Antarctica/Casey', 'America/Nuuk',
];
export const FIRST = Date.UTC(1975, 0, 1);
export const LAST = Date.UTC(2060, 0, 1);
const DAY = 24 * 3_600_000;

/** Offsets from UTC in milliseconds, and the instants at which they change. */
export class ZoneClock {
  #text;
  constructor(name) {
    this.name = name;
    this.#text = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset', year: 'numeric' });
    /** { at, before, after }, in order; two changes within a day that cancel each other would be overlooked. */
    this.changes = [];
    let before = this.#ask(FIRST - 60 * DAY);
    this.first = before;
    for (let day = FIRST - 60 * DAY; day < LAST + 51 * 366 * DAY; day += DAY) {
      const after = this.#ask(day + DAY);
      if (after === before) continue;
      let [low, high] = [day, day + DAY];
      while (high - low > 60_000) {
        const middle = low + Math.floor((high - low) / 120_000) * 60_000;
        if (this.#ask(middle) === before) low = middle;
        else high = middle;
      }
      this.changes.push({ at: high, before, after });
      before = after;
    }
  }

  #ask(instant) {
    const shown = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#text.format(instant));
    if (!shown[1]) return 0;
    return (shown[1] === '-' ? -1 : 1) * (Number(shown[2]) * 3600 + Number(shown[3]) * 60 + Number(shown[4] ?? 0)) * 1000;
  }

  /** How many changes lie at or before `instant`. */
  place(instant) {
    let [low, high] = [0, this.changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.changes[middle].at <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  offset(instant) {
    const n = this.place(instant);
    return n === 0 ? this.first : this.changes[n - 1].after;
  }

  /** Changes in (from, to]. */
  between(from, to) {
    return this.changes.slice(this.place(from), this.place(to));
  }
}
