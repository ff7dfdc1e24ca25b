import type { Command } from 'commander';
import { createOutput } from '../output.ts';
import { readVersion } from '../version.ts';

export function configure(command: Command): void {
  command.option('--json', 'print one JSON document').action((options: { json?: boolean }) => {
    const output = createOutput(options.json === true);
    const answer = {
      version: readVersion(),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
    output.line(`towpath ${answer.version} (Node ${answer.node}, ${answer.platform})`);
    output.result(answer);
  });
}
