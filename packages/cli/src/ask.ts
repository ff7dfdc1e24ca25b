import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RemovalPlan } from '@towpath/contract';
import { faint, type Output, strong } from './output.ts';
import { hanging } from './render/text.ts';
import { usage } from './verb.ts';

/** What the person at the terminal types; where there is none, an error with this message. */
export async function ask(question: string, unasked: { message: string; help: string }): Promise<string> {
  if (!process.stdin.isTTY) throw usage(unasked.message, unasked.help);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return (await terminal.question(question).finally(() => terminal.close())).trim();
}

/** The same for what nobody shall read over a shoulder; where there is no terminal, the whole of standard input. */
export async function askSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim();
  process.stderr.write(question);
  const silent = new Writable({ write: (_piece, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const typed = await terminal.question('').finally(() => terminal.close());
  process.stderr.write('\n');
  return typed.trim();
}

/** Shows what would be lost and has its name repeated: what is sent as the confirmation. `yes`: it is meant, nobody is asked. */
export async function confirmed(output: Output, plan: RemovalPlan, yes: boolean): Promise<string> {
  const { confirm, removes, keeps, notes } = plan;
  const part = (label: string, texts: readonly string[]): void => {
    for (const [index, text] of texts.entries()) {
      output.line(hanging(`  ${faint((index === 0 ? label : '').padEnd(7))}  `, 11, text, output.width));
    }
  };
  output.line(strong(confirm));
  part('removes', removes);
  part('keeps', keeps);
  part('note', notes);
  if (yes) return confirm;
  const unasked = {
    message: `${confirm} is not confirmed, and nobody can be asked here`,
    help: 'Add --yes if you mean it.',
  };
  const typed = await ask(`Type ${confirm} to confirm: `, unasked);
  if (typed !== confirm) throw usage('nothing was removed', `Type ${confirm} if you mean it.`);
  return typed;
}
