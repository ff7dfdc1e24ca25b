import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { meantService } from './repository.ts';
import { examples, misused, type Talk, talks } from './verb.ts';
import { watchDeployment } from './wait.ts';

interface Options {
  readonly env: string;
  readonly service?: string;
  readonly detach?: boolean;
}

type Kind = 'config' | 'secrets';

/** `set` and `unset`, the same for config and for secrets. What is live gets the change as a new release. */
export function changeVerbs(command: Command, kind: Kind): void {
  const set = command.command('set').argument('<name=value...>');
  set.description(
    kind === 'config'
      ? 'Sets variables. What is live gets them at once, as a new release: without a build, without an approval.'
      : 'Sets secrets: NAME=value, or NAME alone to read the value from standard input.',
  );
  const unset = command.command('unset').argument('<name...>').description('Removes them.');
  for (const each of [set, unset]) {
    each
      .option('-s, --service <service>', "the service (default: this folder's)")
      .option('-e, --env <name>', 'where', 'production')
      .option('--detach', "don't wait for the release's end");
  }
  if (kind === 'config') {
    examples(set, 'towpath config set COLOUR=red SIZE=3', 'towpath config set -s api -e staging COLOUR=red');
  } else {
    examples(set, 'towpath secret set TOKEN < token.txt', 'pass show api/token | towpath secret set -s api TOKEN');
  }
  talks<Options>(set, async (talk, options) => change(talk, kind, options, await entriesFrom(set.args, kind, input)));
  talks<Options>(unset, (talk, options) =>
    change(talk, kind, options, Object.fromEntries(unset.args.map((name) => [name, null]))),
  );
}

/** The end of line that every editor and `echo` adds is not part of a secret. */
const input = async (): Promise<string> => (await text(process.stdin)).replace(/\r?\n$/, '');

/** `NAME=value` words as entries. A secret may come without its value, which is then read; one only, as there is one input. */
export async function entriesFrom(
  words: readonly string[],
  kind: Kind,
  read: () => Promise<string>,
): Promise<Record<string, string>> {
  const pairs = words.map((word) => {
    const at = word.indexOf('=');
    return at < 0 ? { name: word, value: null } : { name: word.slice(0, at), value: word.slice(at + 1) };
  });
  const names = pairs.map(({ name }) => name);
  if (names.includes('')) throw misused('a value has no name', 'Write NAME=value.');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw misused(`${twice} is given twice`, 'Give each name once.');
  const [open, other] = pairs.filter(({ value }) => value === null);
  if (open !== undefined && kind === 'config') throw misused(`${open.name} has no value`, 'Write NAME=value.');
  if (open !== undefined && other !== undefined) {
    throw misused(`${open.name} and ${other.name} have no value`, 'Standard input has one value: set them one by one.');
  }
  const entries: Record<string, string> = {};
  for (const { name, value } of pairs) entries[name] = value ?? (await read());
  return entries;
}

async function change(
  talk: Talk,
  kind: Kind,
  options: Options,
  entries: Record<string, string | null>,
): Promise<unknown> {
  const params = { service: meantService(options.service), environment: options.env };
  const answer = await talk.client.call('setConfig', { params, body: { [kind]: entries } });
  if (answer.changed.length === 0) talk.output.line(`Nothing to change in ${options.env}: it is so already.`);
  else talk.output.done(`${answer.changed.join(', ')} changed in ${options.env}`);
  if (answer.deployment === null) return answer;
  return { ...answer, deployment: await watchDeployment(talk, answer.deployment, options.detach === true) };
}
