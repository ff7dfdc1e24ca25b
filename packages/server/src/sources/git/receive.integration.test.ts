import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitFiles, type GitHost, git, gitOk, makeClone, openHost } from './testing/host.ts';

let host: GitHost;
beforeAll(async () => {
  host = await openHost();
});
afterAll(async () => await host.close());

describe('a push', () => {
  it('moves the branch, then tells who pushed what', async () => {
    await host.source.prepare('shop/one');
    const clone = await makeClone(host, 'shop/one');
    const { text } = await git(clone, 'push', 'towpath', 'main');
    expect(text).toContain('new branch');
    const head = await gitOk(clone, 'rev-parse', 'HEAD');
    expect(await host.source.head('shop/one', 'main')).toBe(head);
    expect(host.pushes.at(-1)).toMatchObject({
      repository: 'shop/one',
      actor: 'ann',
      updates: [{ kind: 'branch', name: 'main', before: null, after: head }],
    });
    const next = await commitFiles(clone, { a: 'b' });
    await gitOk(clone, 'push', 'towpath', 'main');
    expect(host.pushes.at(-1)?.updates).toEqual([{ kind: 'branch', name: 'main', before: head, after: next }]);
  });
});
