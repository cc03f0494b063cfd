// Histories for tests and measurements: what clients of a correct store could have seen.

/**
 * A linearizable history of registers as JSON lines. Operations overlap as they do when so many clients are busy all the time;
 * each takes effect in the order of its number.
 *
 * @param {number} operations
 * @param {number} clients
 * @param {number} [keys]
 * @returns {string}
 */
export function busyHistory(operations, clients, keys = 10) {
  const lines = ['{"type":"history","name":"busy","model":"cas-register","initial":null,"expected":"ok"}'];
  const values = Array.from({ length: keys }, () => null);
  for (let id = 0; id < operations; id++) {
    const key = (id * 7) % keys;
    const isWrite = (id * 2_654_435_761) % 2 ** 32 < 2 ** 31;
    if (isWrite) values[key] = id;
    const [op, value, result] = isWrite ? ['write', id, null] : ['read', null, values[key]];
    // An operation takes effect at ten times its number, and returns before its client calls the next.
    const [call, back] = [10 * id + clients, 10 * (id + clients) + (id % Math.ceil(clients / 2))];
    const times = { call, return: back };
    lines.push(JSON.stringify({ id, client: id % clients, op, key: `r${key}`, value, ...times, status: 'ok', result }));
  }
  return lines.join('\n');
}
