/** Header fields that belong to one connection and are never passed on (RFC 9110 §7.6.1), by lower-case name. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** True for a field of one connection. `name` is in lower case. */
export function isHopByHop(name: string): boolean {
  return hopByHop.has(name);
}

const usual: ReadonlySet<string> = new Set(['keep-alive', 'close', 'upgrade']);
const nothing: readonly string[] = [];

/** The fields that a Connection header names as belonging to this connection only; its usual options are left out. */
export function nominated(connection: string | undefined): readonly string[] {
  if (connection === undefined) return nothing;
  const lower = connection.toLowerCase();
  if (usual.has(lower)) return nothing;
  return lower
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '' && !usual.has(option));
}

/** True when a comma-separated header names this option, as `Connection: keep-alive, Upgrade` names `upgrade`. */
export function hasOption(header: string | undefined, option: string): boolean {
  if (header === undefined) return false;
  const lower = header.toLowerCase();
  if (lower === option) return true;
  return lower.split(',').some((part) => part.trim() === option);
}

/** False for a trailer that would decide about framing, routing or the client's address when a reader merges it into the header. */
export function isPassedTrailer(name: string): boolean {
  return !isHopByHop(name) && name !== 'content-length' && name !== 'host' && !name.startsWith('x-forwarded');
}
