// What a peer can do. Each file of this folder answers `open(options)` with
//   name, version, settings, serverPid, facts(), settle(), addSchedules(count, pattern, make), work(onStart), drained(), times(), close()
// and, where it differs from the rest: clientPid (a process of its own), loadFirst, allStarted(due). Settings are the best found by
// trying a few on two cores, not the defaults; Carillon's are its defaults.
const PEERS = ['carillon', 'bullmq', 'graphile', 'pgboss'];

export async function open(peer, options = {}) {
  if (!PEERS.includes(peer)) throw new Error(`unknown peer "${peer}": one of ${PEERS.join(', ')}`);
  const adapter = await import(`./${peer}.mjs`);
  return adapter.open(options);
}
