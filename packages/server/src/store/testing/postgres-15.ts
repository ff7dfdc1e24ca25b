import { expect, test } from 'vitest';
import { withParts } from '../../../../../scripts/parts.ts';
import { connect } from '../connect.ts';
import { testDatabase } from './database.ts';

// The first of the project postgres-15 in vitest.config.ts: where that is missing, it says what is skipped.
withParts(['postgres15'], () => {
  test('the tests of this project run on PostgreSQL 15', async () => {
    const { pool, close } = connect(await testDatabase(), { name: 'version' });
    const { rows } = await pool.query('show server_version');
    await close();
    expect(rows[0]).toMatchObject({ server_version: expect.stringMatching(/^15\./) });
  });
});
