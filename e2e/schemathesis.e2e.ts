import { expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { schemathesis } from './schemathesis.ts';

withParts(['git', 'proc', 'python'], () => {
  test('Given a running Towpath, When a fuzzer asks every route for anything, Then no answer is a defect or undocumented', async () => {
    const { code, said } = await schemathesis(3);
    expect(code, said).toBe(0);
  });
});
