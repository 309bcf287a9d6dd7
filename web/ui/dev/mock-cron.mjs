// A small cron for the mock only: minute by minute in a zone, enough to look at screens without the hub. Never a reference.
const formatters = new Map();
function parts(instant, zone) {
  let format = formatters.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      weekday: 'short',
      timeZoneName: 'longOffset',
    });
    formatters.set(zone, format);
  }
  const found = Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, part.value]));
  return {
    minute: Number(found.minute),
    hour: Number(found.hour),
    dom: Number(found.day),
    month: Number(found.month),
    year: Number(found.year),
    dow: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(found.weekday),
    offset: found.timeZoneName === 'GMT' ? '+00:00' : found.timeZoneName.replace('GMT', ''),
  };
}

const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];
export function parseCron(text) {
  const macros = { '@daily': '0 0 * * *', '@hourly': '0 * * * *', '@weekly': '0 0 * * 0', '@monthly': '0 0 1 * *' };
  const fields = (macros[text] ?? text).trim().split(/\s+/);
  if (fields.length === 6) throw new Error('Seconds are not part of cron here; use an interval.');
  if (fields.length !== 5) throw new Error(`A cron expression has five fields, this one has ${fields.length}.`);
  return fields.map((field, index) => {
    const [min, max] = ranges[index];
    if (field === '*') return null;
    if (field === 'L' && index === 2) return 'L';
    const allowed = new Set();
    for (const piece of field.split(',')) {
      const match = /^(\*|\d+(?:-(\d+))?)(?:\/(\d+))?$/.exec(piece);
      if (!match) throw new Error(`"${piece}" cannot be read in field ${index + 1}.`);
      const from = match[1] === '*' ? min : Number.parseInt(match[1], 10);
      const to = match[1] === '*' ? max : Number(match[2] ?? (match[3] ? max : from));
      if (from < min || to > max || from > to)
        throw new Error(`"${piece}" is outside ${min}-${max} in field ${index + 1}.`);
      for (let value = from; value <= to; value += Number(match[3] ?? 1)) allowed.add(index === 4 ? value % 7 : value);
    }
    return allowed;
  });
}

export function nextFires(cron, zone, count, after = Date.now()) {
  const [minute, hour, dom, month, dow] = parseCron(cron);
  const result = [];
  let at = Math.floor(after / 60_000) * 60_000 + 60_000;
  const limit = at + 370 * 86_400_000;
  while (result.length < count && at < limit) {
    const local = parts(at, zone);
    const lastDay = dom === 'L' && parts(at + 86_400_000, zone).dom < local.dom;
    const domOk = dom === null || (dom === 'L' ? lastDay : dom.has(local.dom));
    const dowOk = dow === null || dow.has(local.dow);
    const dayOk =
      (month === null || month.has(local.month)) && (dom !== null && dow !== null ? domOk || dowOk : domOk && dowOk);
    if (!dayOk || (hour !== null && !hour.has(local.hour))) {
      at += (60 - local.minute) * 60_000;
      continue;
    }
    if (minute === null || minute.has(local.minute)) result.push(occurrence(at, zone, []));
    at += 60_000;
  }
  return result;
}

export function occurrence(at, zone, flags, note = '') {
  const local = parts(at, zone);
  const two = (value) => String(value).padStart(2, '0');
  return {
    utc: new Date(at).toISOString(),
    local: `${local.year}-${two(local.month)}-${two(local.dom)}T${two(local.hour)}:${two(local.minute)}:00${local.offset}`,
    flags,
    note,
  };
}
