import { createClient } from '@towpath/client';
import { TowpathError } from '@towpath/contract';
import type { Command } from 'commander';
import { askSecret } from '../ask.ts';
import { contextsFile, rememberContext } from '../contexts.ts';
import { createOutput } from '../output.ts';
import { examples, misused, usage } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('<url>', 'where its API answers, as https://towpath.example.com')
    .description(
      'Logs in to a Towpath: asks for a token, or reads it from standard input, and keeps it for this address.',
    )
    .option('--json', 'print one JSON document')
    .action(async (word: string, options: { json?: boolean }) => {
      const output = createOutput(options.json === true);
      const url = addressFrom(word);
      const { hostname, protocol } = new URL(url);
      if (protocol === 'http:' && !/^(localhost|127\..*|\[::1\])$/.test(hostname)) {
        output.warn(`the token goes to ${hostname} without encryption: use https if it can`);
      }
      const token = await askSecret(`Token for ${url}: `);
      if (!/^[\x21-\x7e]+$/.test(token))
        throw usage('that is no token', 'Look for it on the host: towpath up names its file.');
      output.doing(`asks ${url}`);
      const { system } = await checked(url, token);
      rememberContext(contextsFile(), url, { url, credential: { token } });
      output.done(`logged in to ${system.name} (Towpath ${system.version}) at ${url}`);
      output.result({ url, version: system.version });
    });
  examples(command, 'towpath login https://towpath.example.com', 'towpath login http://127.0.0.1:7070 < token.txt');
}

/** The address without what doesn't belong to it. */
function addressFrom(word: string): string {
  const url = URL.canParse(word) ? new URL(word) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw misused(`"${word}" is no address`, 'It looks like https://towpath.example.com.');
  }
  return url.origin;
}

async function checked(url: string, token: string) {
  try {
    return await createClient({ url, token, patienceMs: 0 }).call('status');
  } catch (error) {
    if (error instanceof TowpathError && error.code !== 'internal') throw error;
    throw usage(`what answers at ${url} is no Towpath`, 'Name the address of its API: towpath up shows it.');
  }
}
