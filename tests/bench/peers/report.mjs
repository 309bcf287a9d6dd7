// Figures as tables for a terminal: medians over the rounds, and how much sooner Carillon is.
const OURS = 'carillon';
/** What the project wants to be: so many times sooner than the peer. */
const GOALS = { bullmq: { started: 3, finished: 2 }, graphile: { started: 5, finished: 5 } };

export function median(values) {
  const known = values.filter((v) => v !== null && v !== undefined).sort((x, y) => x - y);
  if (!known.length) return null;
  const middle = (known.length - 1) / 2;
  return (known[Math.floor(middle)] + known[Math.ceil(middle)]) / 2;
}

const shown = (value, digits = 0) => (value === null || value === undefined ? '–' : typeof value === 'number' ? value.toFixed(digits) : value);

function table(head, rows) {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  return all.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

function byPeer(records) {
  const groups = new Map();
  for (const one of records) groups.set(one.peer, [...(groups.get(one.peer) ?? []), one]);
  return groups;
}

const storeOf = ({ server }) =>
  server.redis ? `Redis ${server.redis}, fsync ${server.appendfsync}` : `PostgreSQL ${server.server_version.split(' ')[0]}, fsync ${server.fsync}, jit ${server.jit}`;

export function herdReport(records) {
  const groups = byPeer(records);
  const figure = (list, read) => median(list.map(read));
  const rows = [...groups].map(([, list]) => [
    list[0].version, storeOf(list[0]), list.length,
    ...['created', 'started', 'finished'].flatMap((what) => ['p50', 'last'].map((q) => shown(figure(list, (r) => r[`${what}_ms`][q])))),
    shown(figure(list, (r) => r.drained_ms)),
    ...['missed', 'repeated', 'early'].map((what) => Math.max(...list.map((r) => r[what]))),
    shown(figure(list, (r) => r.cpu_s.client), 1), shown(figure(list, (r) => r.cpu_s.server), 1), shown(figure(list, (r) => r.load_s), 1),
  ]);
  const head = ['peer', 'store', 'rounds', 'created p50', 'last', 'started p50', 'last', 'finished p50', 'last', 'empty', 'missed', 'repeated', 'early', 'CPU s', 'server', 'load s'];
  const title = `Herd: ${records[0].schedules} recurring schedules due in one minute, 300 bytes of payload each, a handler that does nothing; ms after the due time`;
  return [`\n${title}`, table(head, rows), '', ratioTable(groups, figure), ''].join('\n');
}

function ratioTable(groups, figure) {
  const ours = groups.get(OURS);
  if (!ours) return '';
  const rows = [...groups].filter(([peer]) => peer !== OURS).map(([peer, list]) => [
    list[0].version,
    ...['started', 'finished'].flatMap((what) => {
      const ratio = (q) => figure(list, (r) => r[`${what}_ms`][q]) / figure(ours, (r) => r[`${what}_ms`][q]);
      const goal = GOALS[peer]?.[what];
      const verdict = goal ? `${goal} × ${ratio('last') >= goal ? 'reached' : 'MISSED'}` : '–';
      return [`${ratio('p50').toFixed(1)} ×`, `${ratio('last').toFixed(1)} ×`, verdict];
    }),
  ]);
  return table(['Carillon is sooner than', 'started p50', 'last', 'goal', 'finished p50', 'last', 'goal'], rows);
}

export function idleReport(records) {
  const rows = records.map((r) => [r.version, shown(r.core_percent.client, 2), shown(r.core_percent.server, 2), shown(r.core_percent.client + r.core_percent.server, 2), r.client_mb]);
  const title = `Idle: ${records[0].schedules} schedules, none due; % of one core over ${records[0].seconds} s`;
  return [title, table(['peer', 'client', 'server', 'both', 'client MB'], rows), ''].join('\n');
}

/** [{ peer, ns: { expression: nanoseconds } }], ours first. */
export function cronReport(evaluators) {
  const [ours, ...others] = evaluators;
  const rows = Object.keys(ours.ns).map((text) => [
    text, shown(ours.ns[text], 0),
    ...others.flatMap(({ ns }) => [shown(ns[text], 0), ns[text] === null ? 'refused' : `${(ns[text] / ours.ns[text]).toFixed(0)} ×`]),
  ]);
  const head = ['expression', ours.peer, ...others.flatMap(({ peer }) => [peer, 'ratio'])];
  return ['Cron: nanoseconds of one next due time in Europe/Berlin', table(head, rows)].join('\n');
}
