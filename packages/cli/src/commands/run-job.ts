import type { Command } from 'commander';
import { limitOption, runsJob } from '../job.ts';
import { meantService } from '../repository.ts';
import { examples, misused } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('[service]', "(default: this folder's)")
    .argument('[job]', 'as its settings name it')
    .argument('[words...]', 'behind --: more words for its command')
    .option('-e, --env <name>', 'where', 'production');
  limitOption(command);
  examples(
    command,
    'towpath run-job api report',
    'towpath run-job report -e staging          of the service in this folder',
    'towpath run-job api report -- --since 2026-01-01',
  );
  runsJob(command, (client, { words, behind, environment, timeoutMs }) => {
    const [process, service, ...more] = words.toReversed();
    if (process === undefined || more.length > 0)
      throw misused(
        process === undefined ? 'which job?' : `"${more[0]}" is one word too many; words for the job stand behind --`,
      );
    const params = { service: meantService(service), environment };
    return client.call('runJob', { params, body: { process, args: [...behind], timeoutMs } });
  });
}
