import type { Command } from 'commander';
import { copyable } from '../output.ts';
import { meantService } from '../repository.ts';
import { examples, talks, wholeNumber } from '../verb.ts';
import { watchDeployment } from '../wait.ts';

interface Options {
  readonly env: string;
  readonly to?: string;
  readonly reason?: string;
  readonly detach?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[service]')
    .option('-e, --env <name>', 'where', 'production')
    .option('--to <release>', 'a version (v3) or the start of a commit id (default: what was live before)')
    .option('--reason <text>', 'is kept with the hold')
    .option('--detach', "don't wait for its end");
  examples(
    command,
    'towpath rollback api --reason "wrong totals"',
    'towpath rollback api -e staging --to v3',
    'towpath rollback api --to 054e607',
  );
  talks<Options>(command, async (talk, options, named) => {
    const { to, reason } = options;
    const wanted =
      to === undefined ? {} : /^v?\d{1,6}$/.test(to) ? { version: wholeNumber(to, '--to') } : { commit: to };
    const params = { service: meantService(named), environment: options.env };
    const deployment = await talk.client.call('rollback', { params, body: { ...wanted, reason } });
    const ended = await watchDeployment(talk, deployment, options.detach === true);
    talk.output.line(
      `  held: pushes don't deploy there until ${copyable(`towpath unhold ${params.service} -e ${options.env}`)}`,
    );
    return ended;
  });
}
