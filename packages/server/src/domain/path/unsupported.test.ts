import { expect, test } from 'vitest';
import { ServiceSettings } from './settings.ts';
import { unsupported } from './unsupported.ts';

test.each([
  [{}, []],
  [{ triggers: { branches: ['main'] } }, []],
  [
    { resources: { memory: '512Mi' } },
    ['resources.memory: processes on this machine have no limits yet; leave it out'],
  ],
  [{ resources: { cpu: 0.5 } }, ['resources.cpu: processes on this machine have no limits yet; leave it out']],
  [{ runtime: { node: '22' } }, []],
  [{ triggers: { paths: ['a/**'] } }, []],
  [{ triggers: { tags: ['v*'] } }, ['triggers.tags: only branches start runs yet; leave it out']],
])('%j', (settings, told) => {
  expect(unsupported(ServiceSettings.parse(settings))).toEqual(told);
});
