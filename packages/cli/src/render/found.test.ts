import { expect, test } from 'vitest';
import { foundText } from './found.ts';

const setting = (path: string, value: string) => ({ path, value, origin: 'detected: package.json' });

test('what was found is one line', () => {
  const settings = [
    setting('start', 'node .'),
    setting('install', 'npm ci'),
    setting('quality.lint', 'npm run lint'),
    setting('test', 'npm test'),
    setting('health.path', '/healthz'),
  ];
  const kind = { value: 'Node 24 with npm', origin: 'package-lock.json' };
  expect(foundText({ kind, settings, notices: [], question: null, services: [] })).toBe(
    'Node 24 with npm (package-lock.json) · lint: npm run lint · tests: npm test · start: node . · health: /healthz',
  );
  expect(foundText({ kind: null, settings: [], notices: [], question: null, services: [] })).toBe(
    'Nothing was recognised',
  );
});
