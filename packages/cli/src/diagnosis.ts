import { spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import type { Client } from '@towpath/client';
import { type CheckView, TowpathError } from '@towpath/contract';

/** How far the clocks of two machines may be apart before times in logs and deadlines mislead, in ms. */
const clockMs = 5_000;
const answerMs = 5_000;

const ok = (name: string, found: string): CheckView => ({ name, status: 'ok', found, help: null });
const warning = (name: string, found: string, help: string): CheckView => ({ name, status: 'warning', found, help });

/** What the server finds on its host, then what only this machine can tell. @param version of this CLI */
export async function diagnose(client: Client, version: string): Promise<CheckView[]> {
  const here = [gitCheck()];
  const began = Date.now();
  try {
    const { checks, at, domain, appsUrl, version: theirs } = await client.call('doctor');
    const clock = clockCheck(Date.parse(at), began, Date.now());
    const network = [await namesCheck(domain, appsUrl), await addressCheck(appsUrl)];
    return [...checks, versionCheck(version, theirs), clock, ...here, ...network];
  } catch (error) {
    if (!(error instanceof TowpathError)) throw error;
    return [{ name: 'server', status: 'broken', found: error.message, help: error.help }, ...here];
  }
}

function versionCheck(mine: string, theirs: string): CheckView {
  if (mine === theirs) return ok('version here', mine);
  const help = 'Install the same version here and there, then: towpath up';
  return warning('version here', `${mine}, and ${theirs} on the server`, help);
}

/** The server looked at its clock at some time between the question and its answer. @param all in ms since 1970 */
export function clockCheck(theirs: number, asked: number, answered: number): CheckView {
  const apart = Math.max(0, asked - theirs, theirs - answered);
  if (apart <= clockMs) return ok('clocks', 'agree');
  const found = `this machine and the server are ${Math.round(apart / 1000)} s apart`;
  return warning('clocks', found, 'Let both set their clocks by NTP: timedatectl set-ntp true');
}

function gitCheck(): CheckView {
  const { status, stdout } = spawnSync('git', ['--version'], { encoding: 'utf8' });
  if (status === 0) return ok('git here', stdout.trim().replace(/^git version /, ''));
  return { name: 'git here', status: 'broken', found: 'is not on your PATH', help: 'Install git, then try again.' };
}

type Lookup = (name: string) => Promise<unknown>;

/** Do the names of services lead anywhere on this machine? Some resolvers don't know *.localhost. */
export async function namesCheck(domain: string, appsUrl: string, find: Lookup = lookup): Promise<CheckView> {
  const name = `towpath-doctor.${domain}`;
  const found = await find(name).catch(() => null);
  const shown = `*.${domain}`;
  if (found !== null) return ok(shown, 'is known to the resolver of this machine');
  const curl = `curl -H 'Host: <service>.${domain}' ${appsUrl}`;
  const more = domain === 'localhost' ? 'browsers know it all the same' : `give it a DNS record for ${shown}`;
  return warning(shown, 'is not known to the resolver of this machine', `Ask like this: ${curl}; ${more}.`);
}

/** Does anything answer where users' requests arrive? */
async function addressCheck(appsUrl: string): Promise<CheckView> {
  const name = 'address of services';
  const status = await new Promise<number | null>((resolve) => {
    const asked = request(appsUrl, { method: 'HEAD', timeout: answerMs }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(null));
    asked.end();
  });
  if (status !== null) return ok(name, `${appsUrl} answers`);
  const help = 'Is it reached from here at all? On its host: towpath up --listen 0.0.0.0:<port>';
  return { name, status: 'broken', found: `${appsUrl} does not answer`, help };
}
