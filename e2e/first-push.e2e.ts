import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { nodeService } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  describe('Given a Towpath that is up, and a repository with a service', () => {
    let world: World;

    beforeAll(async () => {
      world = await World.begin();
    });

    afterAll(() => world.end());

    test('When it is pushed and approved, Then both environments serve it', async () => {
      const api = await world.service('api', nodeService({ version: 'v1' }));
      const { pushed } = await world.ship(api);
      expect(pushed.code).toBe(0);
      expect(pushed.lines.at(-1)).toMatch(/^waits for approval, until .*: towpath approve 1$/);
      for (const host of ['api-staging.localhost', 'api.localhost']) {
        expect(await world.who(host)).toMatchObject({ version: 'v1', release: 'v1' });
      }
    });
  });
});
