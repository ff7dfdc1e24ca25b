/** What the integration tests of this folder share: folders that go away again, and who runs the tests. */
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { User } from '../layout.ts';

const uid = process.geteuid?.() ?? 0;
export const me: User = { uid, root: uid === 0 };

/** A folder of the running test's own; `open` lets other accounts pass through it, as a parent of a real data folder does. */
export function temporaryFolder(open = true): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-cli-')));
  chmodSync(folder, open ? 0o755 : 0o700);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
