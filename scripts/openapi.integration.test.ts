/** The description of the API passes a linter: what is wrong in it, other people's tools would stumble over. */

import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openApi } from '@towpath/contract/openapi';
import { expect, test } from 'vitest';

async function mistakes(description: unknown): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source: JSON.stringify(description), config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer ?? ''})`);
}

test('the description of the API passes the linter', async () => {
  expect(await mistakes(openApi('1.2.3'))).toEqual([]);
});

test('the linter finds what is wrong', async () => {
  const wrong = { ...openApi('1.2.3'), paths: { '/a/{b}': { get: { responses: {} } } } };
  expect(await mistakes(wrong)).toContainEqual(expect.stringContaining('path-parameters-defined'));
});
