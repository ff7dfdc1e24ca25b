import type { Command } from 'commander';
import { limitOption, runsJob } from '../job.ts';
import { meantService } from '../repository.ts';
import { examples, misused } from '../verb.ts';

export function configure(command: Command): void {
  command.argument('[service]').argument('[command...]', 'behind --').option('-e, --env <name>', 'where', 'production');
  limitOption(command);
  examples(
    command,
    'towpath exec api -e staging -- node -e "console.log(process.env.TOWPATH_RELEASE)"',
    "towpath exec -e staging -- sh -c 'ls -l $TOWPATH_DATA'",
  );
  runsJob(command, (client, { words, behind, environment, timeoutMs }) => {
    if (behind.length === 0 || words.length > 1)
      throw misused('the command stands behind --', 'For example: towpath exec api -e staging -- ls -l');
    const params = { service: meantService(words[0]), environment };
    return client.call('exec', { params, body: { command: [...behind], timeoutMs } });
  });
}
