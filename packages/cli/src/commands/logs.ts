import type { Client } from '@towpath/client';
import { TowpathError } from '@towpath/contract';
import type { Command } from 'commander';
import { createOutput } from '../output.ts';
import { LogForTerminal, printableAnswer } from '../printable.ts';
import { meantService } from '../repository.ts';
import { openClient } from '../session.ts';
import { examples, usage, wholeNumber } from '../verb.ts';

interface Options {
  readonly follow?: boolean;
  readonly attempt?: string;
  readonly env: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[what]', "a run, or a service (default: this folder's)")
    .argument('[stage]', 'of a run: prepare, unit, deploy/staging, … (default: the one that failed, or is the latest)')
    .option('-f, --follow', 'go on while it is printed; of a service over restarts and new releases')
    .option('--attempt <number>', 'of a run: an earlier attempt of the stage')
    .option('-e, --env <name>', "of a service: which environment's replicas", 'production')
    .option('--json', 'print one JSON document')
    .action(async (what: string | undefined, stage: string | undefined, options: Options) => {
      const client = await openClient();
      const ofRun = what !== undefined && /^#?\d+$/.test(what);
      const log = ofRun
        ? await runLog(client, wholeNumber(what, 'the run'), stage, options)
        : await serviceLog(client, meantService(what), options);
      await show(log, options.json === true);
    });
  examples(
    command,
    'towpath logs 3                  the stage of run 3 that tells most',
    'towpath logs 3 unit -f',
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

async function runLog(client: Client, run: number, named: string | undefined, options: Options): Promise<Log> {
  const attempt = options.attempt === undefined ? undefined : wholeNumber(options.attempt, '--attempt');
  const stage = await telling(client, run, named);
  const follow = options.follow === true ? ('true' as const) : ('false' as const);
  const stream = await client.stream('runLog', { params: { run }, query: { stage: stage.name, attempt, follow } });
  const why = stage.reason === null ? '' : `: ${stage.reason}`;
  return {
    stream,
    of: { run, stage: stage.name, attempt: attempt ?? stage.attempt },
    empty: `${stage.name} of run #${run} printed nothing; it is ${stage.status}${why}`,
  };
}

async function serviceLog(client: Client, service: string, { env: environment, follow }: Options): Promise<Log> {
  const open = (again: boolean) =>
    client.stream('serviceLog', {
      params: { service, environment },
      query: { follow: follow === true ? 'true' : 'false', ...(again ? { tail: 0 } : {}) },
    });
  const stream = await open(false);
  return {
    stream: follow === true ? reopened(stream, () => open(true)) : stream,
    of: { service, environment },
    empty: `no replica of ${service} runs in ${environment}`,
  };
}

/** Goes on with a new connection when one breaks, as it does when the server is replaced. */
async function* reopened(
  stream: AsyncIterable<Uint8Array>,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): AsyncIterable<Uint8Array> {
  for (let now = stream; ; now = await open()) {
    try {
      yield* now;
      return;
    } catch (error) {
      if (error instanceof TowpathError) throw error;
      createOutput(false).warn('the connection is lost; what is printed until it is back is not shown');
    }
  }
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
