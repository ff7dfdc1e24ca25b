import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { z } from 'zod';
import { replaceFile } from './system/file.ts';

/** A Towpath that this user is logged in to. */
export const Context = z.object({
  url: z.url(),
  /** The token itself, or the file on this host that holds it. */
  credential: z.union([z.object({ token: z.string() }), z.object({ tokenFile: z.string() })]),
});
export type Context = z.infer<typeof Context>;

const Contexts = z.object({
  /** The name of the one that commands talk to; null when there is none. */
  current: z.string().nullable(),
  /** By data folder for those of this host, else by address. */
  contexts: z.record(z.string(), Context),
});
export type Contexts = z.infer<typeof Contexts>;

/** `cli.json` in the user's configuration folder. */
export function contextsFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'towpath', 'cli.json');
}

export function readContexts(path: string): Contexts {
  if (!existsSync(path)) return { current: null, contexts: {} };
  const parsed = Contexts.safeParse(jsonIn(path));
  if (parsed.success) return parsed.data;
  throw new TowpathError('bad_request', `${path} is not understood: ${z.prettifyError(parsed.error)}`, {
    help: 'Remove it and log in again: `towpath up` on the host itself.',
  });
}

/** Remembers a Towpath under its name and makes it the one that commands talk to. */
export function rememberContext(path: string, name: string, context: Context): void {
  const { contexts } = readContexts(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next: Contexts = { current: name, contexts: { ...contexts, [name]: context } };
  replaceFile(path, `${JSON.stringify(next, null, 2)}\n`, 0o600);
}

/** Forgets a Towpath, by its name or address, or the one that commands talk to; answers its address, null when there is none such. */
export function forgetContext(path: string, which?: string): string | null {
  const { current, contexts } = readContexts(path);
  const name = which === undefined ? current : nameOf(contexts, which);
  const found = name === null ? undefined : contexts[name];
  if (name === null || found === undefined) return null;
  const { [name]: _, ...others } = contexts;
  // Whichever is left is not what the next command means.
  const next: Contexts = { current: current === name ? null : current, contexts: others };
  replaceFile(path, `${JSON.stringify(next, null, 2)}\n`, 0o600);
  return found.url;
}

function nameOf(contexts: Contexts['contexts'], which: string): string | null {
  if (Object.hasOwn(contexts, which)) return which;
  const origin = URL.canParse(which) ? new URL(which).origin : null;
  return Object.keys(contexts).find((name) => new URL(contexts[name]?.url ?? '').origin === origin) ?? null;
}

/** The context's token. Errors: `unauthorised` when its file is gone. */
export function tokenOf({ credential }: Context): string {
  if ('token' in credential) return credential.token;
  if (existsSync(credential.tokenFile)) return readFileSync(credential.tokenFile, 'utf8').trim();
  throw new TowpathError('unauthorised', `the token's file ${credential.tokenFile} is gone`);
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
