import { createServer } from 'node:net';
import { TowpathError } from '@towpath/contract';

export interface PortRange {
  readonly from: number;
  /** The last one. */
  readonly to: number;
}

/** Every address that an app may choose to listen on: a port is free when all of them are. */
const addresses = ['127.0.0.1', '0.0.0.0', '::'];

/**
 * So many ports of the range that are not in `used` and that nobody listens on. The search begins anywhere, so that a port that was
 * just given up, or that another server is choosing now, is not met soon. Throws no_port.
 */
export async function freePorts(
  range: PortRange,
  count: number,
  used: ReadonlySet<number>,
  random: () => number,
): Promise<number[]> {
  const size = range.to - range.from + 1;
  const first = Math.floor(random() * size);
  const found: number[] = [];
  for (let step = 0; step < size && found.length < count; step += 1) {
    const port = range.from + ((first + step) % size);
    if (!used.has(port) && (await isFree(port))) found.push(port);
  }
  if (found.length < count)
    throw new TowpathError('no_port', `all ports from ${range.from} to ${range.to} are taken, and ${count} are needed`);
  return found;
}

async function isFree(port: number): Promise<boolean> {
  for (const host of addresses) if (!(await canListen(host, port))) return false;
  return true;
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 refuses "::", too: then nobody else listens there either.
    server.once('error', (error) => resolve('code' in error && error.code !== 'EADDRINUSE' && error.code !== 'EACCES'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
