import fs from 'node:fs';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { expect, test } from 'vitest';
import * as schema from './schema.ts';

test('the migrations make the tables that schema.ts describes (else: npm run db:generate -w packages/server)', async () => {
  const meta = new URL('./migrations/meta/', import.meta.url);
  const newest = fs
    .readdirSync(meta)
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1);
  const migrated = JSON.parse(fs.readFileSync(new URL(`${newest}`, meta), 'utf8'));
  expect(await generateMigration(migrated, generateDrizzleJson({ ...schema }, migrated.id))).toEqual([]);
});
