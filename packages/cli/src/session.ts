import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@towpath/client';
import { TowpathError } from '@towpath/contract';
import { contextsFile, readContexts, tokenOf } from './contexts.ts';

/** A client of the Towpath that this user is logged in to; TOWPATH_URL and TOWPATH_TOKEN go before it. */
export async function openClient(env: NodeJS.ProcessEnv = process.env): Promise<Client> {
  const { TOWPATH_URL: url, TOWPATH_TOKEN: token } = env;
  if (url !== undefined && token !== undefined) return createClient({ url, token });
  const { current, contexts } = readContexts(contextsFile(env));
  const context = current === null ? undefined : contexts[current];
  if (context === undefined) {
    throw new TowpathError('unauthorised', 'you are not logged in to a Towpath', {
      help: 'Start one on this host: `towpath up`. Or log in to another: `towpath login <url>`. Or set TOWPATH_URL and TOWPATH_TOKEN.',
    });
  }
  return createClient({ url: context.url, token: tokenOf(context) });
}

/** The token for an address (`http://127.0.0.1:7070`); null when this user has none for it. */
export async function tokenFor(origin: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const { TOWPATH_URL: url, TOWPATH_TOKEN: token } = env;
  if (url !== undefined && token !== undefined && new URL(url).origin === origin) return token;
  const { contexts } = readContexts(contextsFile(env));
  const found = Object.values(contexts).find((context) => new URL(context.url).origin === origin);
  return found === undefined ? null : tokenOf(found);
}

/** The shell line by which git asks this very Towpath for the password. */
export function credentialHelper(): string {
  const words = [process.execPath, fileURLToPath(import.meta.resolve('@towpath/cli/main')), 'git-credential'];
  return `!${words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`;
}
