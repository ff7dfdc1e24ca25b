import type { Command } from 'commander';
import { meantService } from '../repository.ts';
import { openClient } from '../session.ts';
import { usage, wholeNumber } from '../verb.ts';

interface Options {
  readonly follow?: boolean;
  readonly attempt?: string;
  readonly env?: string;
}

export function configure(command: Command): void {
  command
    .argument('[what]', 'a run, or a service')
    .argument('[stage]', 'of a run: prepare, unit, deploy/staging, …')
    .option('-f, --follow', 'go on while it is printed')
    .option('--attempt <number>', 'an earlier attempt of the stage')
    .option('-e, --env <name>', "of a service: which environment's replicas", 'production')
    .action(async (what: string | undefined, stage: string | undefined, options: Options) => {
      const client = await openClient();
      const isRun = what !== undefined && /^#?\d+$/.test(what);
      if (!isRun) {
        const params = { service: meantService(what), environment: options.env ?? 'production' };
        return print(await client.stream('serviceLog', { params }));
      }
      const run = wholeNumber(what, 'the run');
      const wanted = stage ?? (await mostTelling(client, run));
      const attempt = options.attempt === undefined ? undefined : wholeNumber(options.attempt, '--attempt');
      const query = {
        stage: wanted,
        attempt,
        follow: options.follow === true ? ('true' as const) : ('false' as const),
      };
      await print(await client.stream('runLog', { params: { run }, query }));
    });
}

/** The stage that failed, else the one that runs, else the last that ran. */
async function mostTelling(client: Awaited<ReturnType<typeof openClient>>, run: number): Promise<string> {
  const { stages } = await client.call('getRun', { params: { run } });
  const begun = stages.filter((each) => each.startedAt !== null && each.kind !== 'approval');
  const found =
    begun.find((each) => each.status === 'failed') ?? begun.find((each) => each.status === 'running') ?? begun.at(-1);
  if (found === undefined) throw usage(`no stage of run #${run} has begun`, `Look again later: towpath run ${run}`);
  return found.name.replace(' ', '/');
}

/** As fast as the reader takes it; ends when the reader has left (`towpath logs 7 | head`). */
async function print(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of stream) {
    if (!(await written(chunk))) return;
  }
}

function written(chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => process.stdout.write(chunk, (error) => resolve(!error)));
}
