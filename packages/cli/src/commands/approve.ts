import type { RunSummary } from '@towpath/contract';
import type { Command } from 'commander';
import { ask } from '../ask.ts';
import { renderRunLine, runJson } from '../render/run.ts';
import { meantService } from '../repository.ts';
import { examples, type Talk, talks, usage, wholeNumber } from '../verb.ts';
import { watchRun } from '../wait.ts';

interface Options {
  readonly env?: string;
  readonly decline?: boolean;
  readonly comment?: string;
  readonly wait?: boolean;
  readonly yes?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[run]', "default: the run of this folder's service that waits; it is shown and asked about first")
    .option('-e, --env <name>', 'only if it waits for this one')
    .option('--decline', 'say no: the run ends')
    .option('--comment <text>', 'is kept with the answer')
    .option('--wait', 'follow the run until it ends or waits again')
    .option('-y, --yes', "don't ask");
  examples(
    command,
    'towpath approve 3 --comment "checked on staging"',
    'towpath approve --yes              what waits for the service of this folder',
    'towpath approve 3 --wait           shows how it goes live',
    'towpath approve 3 --decline',
  );
  talks<Options>(command, async (talk, options, word) => {
    const { client, output } = talk;
    const { env: environment, comment, decline = false } = options;
    const run = word === undefined ? await waiting(talk, options) : wholeNumber(word, 'the run');
    const answered = await client.call('approve', {
      params: { run },
      body: { environment, comment, approve: !decline },
    });
    output.done(`#${run} ${decline ? 'declined' : 'approved'}`);
    if (options.wait === true) return runJson(await watchRun(talk, run, false));
    renderRunLine(output, answered);
    return answered;
  });
}

/** The newest run that waits for this folder's service, if the person at the terminal means that one. */
async function waiting({ client, output }: Talk, { decline, yes }: Options): Promise<number> {
  const service = meantService(undefined);
  const { runs } = await client.call('listRuns', { query: { service, status: 'waiting', limit: 1 } });
  const [run] = runs;
  if (run === undefined) throw usage(`no run of ${service} waits for an answer`, 'Look at its runs: towpath runs');
  renderRunLine(output, run);
  if (yes !== true) await confirm(run, decline === true ? 'Decline' : 'Approve');
  return run.run;
}

async function confirm({ run }: RunSummary, verb: string): Promise<void> {
  const message = `run #${run} is not named, and nobody can be asked here`;
  const answer = await ask(`${verb} it? [y/N] `, { message, help: 'Name it, or add --yes.' });
  if (!/^y(es)?$/i.test(answer)) throw usage(`run #${run} still waits`, `Answer later: towpath approve ${run}`);
}
