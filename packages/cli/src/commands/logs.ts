import type { Client } from '@towpath/client';
import type { RouteAnswer, StreamMessage } from '@towpath/contract';
import type { Command } from 'commander';
import { createOutput, faint } from '../output.ts';
import { LogForTerminal, printableAnswer } from '../printable.ts';
import { ReplicaLines } from '../replica-lines.ts';
import { meantService } from '../repository.ts';
import { openClient } from '../session.ts';
import { examples, misused, usage, wholeNumber } from '../verb.ts';

interface Options {
  readonly follow?: boolean;
  readonly attempt?: string;
  readonly env: string;
  readonly search?: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[what]', "a run, or a service (default: this folder's)")
    .argument('[stage]', 'of a run: prepare, unit, deploy/staging, … (default: the one that failed, or is the latest)')
    .option('-f, --follow', 'go on while it is printed; of a service over restarts and new releases')
    .option('--attempt <number>', 'of a run: an earlier attempt of the stage')
    .option('-e, --env <name>', "of a service: which environment's replicas", 'production')
    .option('--search <text>', 'of a run: only the lines with this text, in capitals or not, by their numbers')
    .option('--json', 'print one JSON document')
    .action(async (what: string | undefined, stage: string | undefined, options: Options) => {
      const client = await openClient();
      const ofRun = what !== undefined && /^#?\d+$/.test(what);
      if (options.search !== undefined) {
        if (!ofRun) throw misused('--search is for the log of a run', "Of a service's: towpath logs api | grep …");
        if (options.follow) throw misused('--search looks at what is there: it does not go with --follow');
        return search(client, wholeNumber(what, 'the run'), stage, options.search, options);
      }
      const log = ofRun
        ? await runLog(client, wholeNumber(what, 'the run'), stage, options)
        : await serviceLog(client, meantService(what), options);
      await show(log, options.json === true);
    });
  examples(
    command,
    'towpath logs 3                  the stage of run 3 that tells most',
    'towpath logs 3 unit -f',
    'towpath logs 3 unit --search Error',
    'towpath logs 3 deploy/staging   what its rollout did',
    'towpath logs api -e staging     what the replicas printed last',
    'towpath logs -f api             and what they print from now on',
  );
}

interface Log {
  readonly stream: AsyncIterable<Uint8Array>;
  /** What it is of: the beginning of the JSON document. */
  readonly of: Readonly<Record<string, string | number>>;
  /** What to say when there is nothing in it. */
  readonly empty: string;
}

/** Prints the lines that have the text, as they are found; none is an exit of 1, as grep's. */
async function search(
  client: Client,
  run: number,
  named: string | undefined,
  text: string,
  options: Options,
): Promise<void> {
  const output = createOutput(options.json === true);
  const { stage, attempt } = await attemptOf(client, run, named, options);
  const found: RouteAnswer<'searchRunLog'>['matches'] = [];
  for (let after = 0, more = true; more; after = found.at(-1)?.line ?? 0) {
    const query = { stage: stage.name, attempt, q: text, after };
    const page = printableAnswer(await client.call('searchRunLog', { params: { run }, query }));
    for (const match of page.matches) output.line(`${faint(`${match.line}:`)} ${match.text}`);
    found.push(...page.matches);
    more = page.more && page.matches.length > 0;
  }
  if (found.length === 0) {
    output.warn(`no line of ${stage.name} of run #${run} has "${text}"`);
    process.exitCode = 1;
  }
  output.result({ run, stage: stage.name, attempt, matches: found });
}

async function attemptOf(client: Client, run: number, named: string | undefined, options: Options) {
  const asked = options.attempt === undefined ? undefined : wholeNumber(options.attempt, '--attempt');
  const stage = await telling(client, run, named);
  return { stage, attempt: asked ?? Math.max(1, stage.attempt) };
}

async function runLog(client: Client, run: number, named: string | undefined, options: Options): Promise<Log> {
  const { stage, attempt } = await attemptOf(client, run, named, options);
  // An attempt by its number: a rerun meanwhile is another one.
  const of = { params: { run }, query: { stage: stage.name, attempt } };
  const why = stage.reason === null ? '' : `: ${stage.reason}`;
  return {
    stream: options.follow
      ? textOf(client.follow('streamRunLog', { ...of, ...patience }))
      : await client.stream('runLog', of),
    of: { run, stage: stage.name, attempt },
    empty: `${stage.name} of run #${run} printed nothing; it is ${stage.status}${why}`,
  };
}

async function serviceLog(client: Client, service: string, { env: environment, follow }: Options): Promise<Log> {
  const params = { service, environment };
  return {
    stream: follow
      ? linesOf(client.follow('streamServiceLog', { params, ...patience }))
      : await client.stream('serviceLog', { params }),
    of: params,
    empty: `no replica of ${service} runs in ${environment}`,
  };
}

/** How long a lost connection is made again, in ms: a server that is replaced is back within seconds, a machine in minutes. */
const patience = { patienceMs: 600_000 };

async function* textOf(messages: AsyncIterable<StreamMessage<'streamRunLog'>>): AsyncGenerator<Uint8Array> {
  for await (const { data } of messages) if (data !== undefined) yield Buffer.from(data.text);
}

/** Whole lines, below a heading where another replica has printed. */
async function* linesOf(messages: AsyncIterable<StreamMessage<'streamServiceLog'>>): AsyncGenerator<Uint8Array> {
  const lines = new ReplicaLines();
  for await (const { data } of messages) if (data !== undefined) yield Buffer.from(lines.push(data));
}

/** The stage of this name; without one the stage that failed, else the one that runs, else the last that ran. */
async function telling(client: Client, run: number, named: string | undefined) {
  const { stages } = printableAnswer(await client.call('getRun', { params: { run } }));
  const begun = stages.filter((each) => each.startedAt !== null && each.kind !== 'approval');
  const found =
    named === undefined
      ? (begun.find((each) => each.status === 'failed' || each.status === 'rolled_back') ??
        begun.find((each) => each.status === 'running') ??
        begun.at(-1))
      : stages.find((each) => typed(each.name) === typed(named));
  if (found !== undefined) return { ...found, name: typed(found.name) };
  if (named === undefined) throw usage(`no stage of run #${run} has begun`, `Look again later: towpath run ${run}`);
  const names = stages.map((each) => typed(each.name)).join(', ');
  throw usage(`run #${run} has no stage "${named}"`, `It has ${names}.`);
}

/** As people type a stage's name: `deploy/staging`. */
const typed = (name: string): string => name.replace(' ', '/');

/** Into a file or pipe byte by byte, as fast as the reader takes it; ends when that has left (`towpath logs 7 | head`). */
async function show({ stream, of, empty }: Log, json: boolean): Promise<void> {
  const output = createOutput(json);
  const terminal = !json && process.stdout.isTTY ? new LogForTerminal() : null;
  const whole: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    bytes += piece.length;
    if (json) whole.push(piece);
    else if (!(await written(terminal?.push(piece) ?? piece))) return;
  }
  if (terminal !== null) await written(terminal.flush());
  if (bytes === 0) output.warn(empty);
  output.result({ ...of, text: Buffer.concat(whole).toString('utf8') });
}

function written(piece: Uint8Array | string): Promise<boolean> {
  return new Promise((resolve) => process.stdout.write(piece, (error) => resolve(!error)));
}
