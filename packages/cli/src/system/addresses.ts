import { TowpathError } from '@towpath/contract';
import { RouterState } from '@towpath/contract/router';
import { ask } from './ask.ts';
import type { Layout } from './layout.ts';
import { pickPort, refuseTakenPort } from './port.ts';
import type { HostPort, Settings } from './settings.ts';

/**
 * Makes the addresses of the settings definite: a port 0 becomes the one that was picked earlier, or a free one; others must be free, or our
 * own router's already. Errors: `port_in_use`, `bad_request`.
 */
export async function settleAddresses(layout: Layout, settings: Settings, earlier: Settings | null): Promise<Settings> {
  const ours = await routerPorts(layout);
  const listen = await settle(settings.listen, earlier?.listen, '--listen', ours, new Set([settings.control.port]));
  const control = await settle(settings.control, earlier?.control, '--control', ours, new Set([listen.port]));
  if (listen.port === control.port) {
    throw new TowpathError('bad_request', `--listen and --control both ask for port ${listen.port}`, {
      help: 'Give each a port of its own.',
    });
  }
  return { ...settings, listen, control };
}

async function settle(
  wanted: HostPort,
  earlier: HostPort | undefined,
  flag: string,
  ours: ReadonlySet<number>,
  taken: ReadonlySet<number>,
): Promise<HostPort> {
  if (wanted.port === 0) {
    if (earlier !== undefined && earlier.host === wanted.host) return earlier;
    return { host: wanted.host, port: await pickPort(wanted.host, taken) };
  }
  if (!ours.has(wanted.port)) await refuseTakenPort(wanted, flag);
  return wanted;
}

/** The ports that this installation's own router listens on now. */
async function routerPorts(layout: Layout): Promise<ReadonlySet<number>> {
  const asked = await ask(layout.routerSocket, '/state');
  if (!asked.answered || asked.status !== 200) return new Set();
  const { listens } = RouterState.parse(JSON.parse(asked.body));
  return new Set(listens.map(({ address }) => Number(address.slice(address.lastIndexOf(':') + 1))));
}
