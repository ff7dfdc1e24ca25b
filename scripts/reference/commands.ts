import { type ManualEntry, manual } from '@towpath/cli/manual';
import { code, page, table } from './markdown.ts';

/** Every command with its options and examples. */
export async function commandsPage(): Promise<string> {
  const entries = await manual();
  return page(
    'Commands',
    'packages/cli/src/commands',
    'Each command takes `--help`. Where `--json` is offered, stdout is one JSON document. The exit code is 0, 1 when something failed, 2 when the line was not understood.',
    ...entries.map(commandPart),
  );
}

function commandPart({ name, description, usage, arguments: words, options, examples }: ManualEntry): string {
  const terms = [...words, ...options].map(({ term, description: text }) => [code(term), text]);
  return [
    `## towpath ${name}`,
    description,
    `\`\`\`\n${usage}\n\`\`\``,
    ...(terms.length === 0 ? [] : [table(['given', 'meaning'], terms)]),
    ...(examples.length === 0 ? [] : [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``]),
  ].join('\n\n');
}
