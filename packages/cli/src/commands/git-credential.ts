import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { tokenFor } from '../session.ts';

/**
 * What git asks: lines of `key=value` on standard input (git-credential(1)). The token goes to git's pipe and nowhere else, and only for
 * the address that it belongs to; for any other git is told nothing.
 */
export function configure(command: Command): void {
  command.argument('<operation>').action(async (operation: string) => {
    if (operation !== 'get') return;
    const asked = new Map(
      (await text(process.stdin))
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    );
    const token = await tokenFor(`${asked.get('protocol')}://${asked.get('host')}`);
    if (token !== null) process.stdout.write(`username=towpath\npassword=${token}\n`);
  });
}
