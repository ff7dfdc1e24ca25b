import type { Command } from 'commander';
import { contextsFile, forgetContext } from '../contexts.ts';
import { createOutput } from '../output.ts';
import { examples, usage } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('[url]', 'default: the one that commands talk to')
    .description('Forgets a Towpath and the token that was kept for it.')
    .option('--json', 'print one JSON document')
    .action((which: string | undefined, options: { json?: boolean }) => {
      const output = createOutput(options.json === true);
      const url = forgetContext(contextsFile(), which);
      if (url === null) {
        throw usage(
          which === undefined ? 'you are not logged in' : `you are not logged in to ${which}`,
          'Log in: towpath login <url>, or towpath up on the host itself.',
        );
      }
      output.done(`${url} is forgotten`);
      output.result({ url });
    });
  examples(command, 'towpath logout', 'towpath logout https://towpath.example.com');
}
