import type { Command } from 'commander';
import { browserOf, launch } from '../browser.ts';
import { copyable } from '../output.ts';
import { examples, talks } from '../verb.ts';

export function configure(command: Command): void {
  command
    .description('Opens the dashboard, logged in, where there is a desktop; elsewhere prints an address that does so.')
    .option('--print', 'open nothing');
  examples(command, 'towpath dashboard', 'towpath dashboard --print');
  talks<{ print?: boolean }>(command, async ({ client, output }, options) => {
    const { url, expiresAt } = await client.call('makeCode', { body: {} });
    const program = options.print === true || output.json ? null : browserOf(process.platform, process.env);
    output.line(copyable(url));
    if (program === null) output.line('It logs a browser in once, within a minute.');
    else launch(program, url);
    return { url, expiresAt };
  });
}
