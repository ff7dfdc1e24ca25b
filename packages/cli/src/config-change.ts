import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { meantService } from './repository.ts';
import { type Talk, talks, usage } from './verb.ts';
import { watchDeployment } from './wait.ts';

interface Options {
  readonly env: string;
  readonly service?: string;
  readonly detach?: boolean;
}

/** `set` and `unset`, the same for config and for secrets. What is live gets the change as a new release. */
export function changeVerbs(command: Command, kind: 'config' | 'secrets'): void {
  const set = command.command('set').argument('<name=value...>');
  set.description(
    kind === 'config'
      ? 'Sets variables.'
      : 'Sets secrets: NAME=value, or NAME alone to read the value from standard input.',
  );
  const unset = command.command('unset').argument('<name...>').description('Removes them.');
  for (const each of [set, unset]) {
    each
      .option('-s, --service <service>', "the service (default: this folder's)")
      .option('-e, --env <name>', 'where', 'production')
      .option('--detach', "don't wait for the release's end");
  }
  talks<Options>(set, (talk, options) =>
    change(talk, kind, options, Object.fromEntries(set.args.map((word) => pair(word, kind)))),
  );
  talks<Options>(unset, (talk, options) =>
    change(talk, kind, options, Object.fromEntries(unset.args.map((name) => [name, null]))),
  );
}

function pair(word: string, kind: 'config' | 'secrets'): [string, string] {
  const at = word.indexOf('=');
  if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
  if (kind === 'config') throw usage(`"${word}" has no value`, 'Write NAME=value.');
  return [word, readFileSync(0, 'utf8').replace(/\n$/, '')];
}

async function change(
  talk: Talk,
  kind: 'config' | 'secrets',
  options: Options,
  entries: Record<string, string | null>,
): Promise<unknown> {
  const params = { service: meantService(options.service), environment: options.env };
  const answer = await talk.client.call('setConfig', { params, body: { [kind]: entries } });
  talk.output.done(`${Object.keys(entries).join(', ')} changed in ${options.env}`);
  if (answer.deployment === null) return answer;
  return { ...answer, deployment: await watchDeployment(talk, answer.deployment, options.detach === true) };
}
