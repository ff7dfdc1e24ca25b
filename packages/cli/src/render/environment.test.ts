import { stripVTControlCharacters as plain } from 'node:util';
import type { EnvironmentView } from '@towpath/contract';
import { expect, test } from 'vitest';
import { createOutput } from '../output.ts';
import { renderEnvironments } from './environment.ts';

const environment = (name: string, changes: Partial<EnvironmentView> = {}): EnvironmentView => ({
  project: 'main',
  name,
  branch: null,
  deploy: 'auto',
  approvalMs: 604_800_000,
  closing: false,
  live: [],
  ...changes,
});
const live = (service: string, version: number) => ({ service, version, commit: 'c'.repeat(40), url: 'http://x' });

test('environments are a table: name, branch, how one gets there, what is live', () => {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  renderEnvironments(createOutput(false, { write, isTTY: true, columns: 80 }, { write }), [
    environment('staging', { live: [live('api', 3), live('web', 12)] }),
    environment('qa', { branch: 'develop', closing: true, live: [live('api', 1)] }),
    environment('production', { deploy: 'approve', approvalMs: 5_400_000 }),
  ]);
  expect(plain(text).split('\n')).toEqual([
    'staging     main branch  auto                api v3, web v12',
    'qa          develop      auto                is being removed: api v1',
    'production  main branch  approve within 90m  nothing live',
    '',
  ]);
});
