import { Argument, type Command } from 'commander';
import type { BuildProgram } from '../command.ts';
import { askNames, complete, scripts } from '../completion.ts';
import { openClient } from '../session.ts';
import { examples } from '../verb.ts';

export function configure(command: Command, build: BuildProgram): void {
  command
    .addArgument(new Argument('<shell>', 'whose script is printed').choices([...Object.keys(scripts), 'words']))
    .argument('[typed...]', 'of `words`, which the scripts call: what is typed so far')
    .description(
      'Prints the script that completes commands, services and environments. Names come from the server, when it answers within 0.3 s (or $TOWPATH_COMPLETION_MS).',
    )
    .action(async (shell: string, typed: string[]) => {
      const script = scripts[shell];
      if (script !== undefined) {
        process.stdout.write(script);
        return;
      }
      const program = await build((verb) => verb === typed[0]);
      for (const word of await complete(program, typed, () => askNames(openClient))) process.stdout.write(`${word}\n`);
    });
  examples(
    command,
    'towpath completion bash > ~/.local/share/bash-completion/completions/towpath',
    'towpath completion zsh > ~/.zfunc/_towpath',
    'towpath completion fish > ~/.config/fish/completions/towpath.fish',
  );
}
