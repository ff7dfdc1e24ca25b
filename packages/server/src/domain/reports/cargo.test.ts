import { describe, expect, it } from 'vitest';
import { printed, read } from './scene.ts';

describe('cargo test', () => {
  it('adds up the programs of a crate', () => {
    expect(read(printed('cargo.txt'))).toEqual({
      tool: 'cargo',
      passed: 3,
      failed: 3,
      skipped: 1,
      failures: [
        { name: 'tests › items › errs', message: 'Error: "an error"', at: null },
        { name: 'tests › items › throws', message: 'no such price\nas a second line says', at: 'src/lib.rs:29' },
        {
          name: 'tests › adds',
          message: 'assertion `left == right` failed: one and one\n  left: 2\n right: 3',
          at: 'src/lib.rs:19',
        },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that ended at the first program', () => {
    expect(read(printed('cargo-stopped.txt'))).toEqual({
      tool: 'cargo',
      passed: 1,
      failed: 3,
      skipped: 1,
      failures: [
        { name: 'tests › items › errs', message: 'Error: "an error"', at: null },
        {
          name: 'tests › adds',
          message: 'assertion `left == right` failed: one and one\n  left: 2\n right: 3',
          at: 'src/lib.rs:19',
        },
        { name: 'tests › items › throws', message: 'no such price\nas a second line says', at: 'src/lib.rs:29' },
      ],
      moreFailures: 0,
    });
  });

  it('reads a run that passed', () => {
    expect(read(printed('cargo-passed.txt'))).toEqual({
      tool: 'cargo',
      passed: 1,
      failed: 0,
      skipped: 0,
      failures: [],
      moreFailures: 0,
    });
  });
});
