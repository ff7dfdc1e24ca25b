import type { Command } from 'commander';
import { talks, wholeNumber } from '../verb.ts';
import { watchRun } from '../wait.ts';

export function configure(command: Command): void {
  command.argument('<run>');
  talks(command, (talk, _options, word) => watchRun(talk, wholeNumber(word, 'the run'), false));
}
