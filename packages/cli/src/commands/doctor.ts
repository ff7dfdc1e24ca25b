import type { CheckView } from '@towpath/contract';
import type { Command } from 'commander';
import pc from 'picocolors';
import { diagnose } from '../diagnosis.ts';
import { faint } from '../output.ts';
import { hanging } from '../render/text.ts';
import { examples, talks } from '../verb.ts';
import { readVersion } from '../version.ts';

const marks: Readonly<Record<CheckView['status'], string>> = {
  ok: pc.green('✓'),
  absent: faint('–'),
  warning: pc.yellow('!'),
  broken: pc.red('✗'),
};

export function configure(command: Command): void {
  command.description(
    'Looks at everything that Towpath needs, here and on its host. Ends with 1 when something is broken.',
  );
  examples(command, 'towpath doctor', 'towpath doctor --json');
  talks(command, async ({ client, output }) => {
    output.doing('looks at everything');
    const checks = await diagnose(client, readVersion());
    const names = Math.max(...checks.map(({ name }) => name.length));
    for (const { name, status, found, help } of checks) {
      output.line(hanging(`${marks[status]} ${name.padEnd(names)}  `, names + 4, found, output.width));
      if (help !== null && status !== 'absent')
        output.line(faint(hanging(`${' '.repeat(names + 4)}→ `, names + 6, help, output.width)));
    }
    // What is absent is mostly not missed: one line for all of it.
    for (const help of new Set(checks.flatMap(({ status, help }) => (status === 'absent' && help ? [help] : [])))) {
      output.line(faint(`– ${help}`));
    }
    if (checks.some(({ status }) => status === 'broken')) process.exitCode = 1;
    return { checks };
  });
}
