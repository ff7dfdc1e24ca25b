/** A host in a process of its own, so that it can be killed. Prints its address, then a line for each push that it was told of. */
import { openHost } from './host.ts';

const host = await openHost();
await host.source.prepare('shop/api');
host.handle = async ({ progress, updates }) => {
  process.stdout.write(`pushed ${updates[0]?.after}\n`);
  progress.line('stage prepare began');
  await new Promise<void>((resolve) => process.stdin.once('data', () => resolve()));
  progress.line('stage prepare ended');
};
process.stdout.write(`${host.folder} ${host.url}\n`);
