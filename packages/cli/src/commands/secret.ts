import type { Command } from 'commander';
import { changeVerbs } from '../config-change.ts';

export function configure(command: Command): void {
  changeVerbs(command, 'secrets');
}
