import { withParts } from '../../../../../scripts/parts.ts';

// In place of the store's tests on the oldest PostgreSQL, where vitest.config.ts doesn't find it: says what is skipped.
withParts(['postgres15'], () => {});
