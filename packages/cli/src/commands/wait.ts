import type { Command } from 'commander';
import { runJson } from '../render/run.ts';
import { talks, wholeNumber } from '../verb.ts';
import { watchRun } from '../wait.ts';

export function configure(command: Command): void {
  command.argument('<run>');
  talks(command, async (talk, _options, word) => runJson(await watchRun(talk, wholeNumber(word, 'the run'), false)));
}
