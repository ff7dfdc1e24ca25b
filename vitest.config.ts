import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

if (Number.parseInt(process.versions.node, 10) < 24) {
  throw new Error(
    `the tests run on Node 24, not on ${process.version}: use \`npm test\`, or scripts/node node_modules/vitest/vitest.mjs`,
  );
}

const folders = '{packages/*/src,e2e,bench,scripts,examples}';
const store = 'packages/server/src/store';
const integration = `${folders}/**/*.integration.test.ts`;
const alone = ['e2e/chaos/{cancel,kills,two-servers}.e2e.ts', 'e2e/load.e2e.ts', 'e2e/upgrade.e2e.ts'];
/** What takes minutes begins first, so that nothing is left to wait for it alone at the end. */
const longest = [
  'e2e/examples.e2e.ts',
  'e2e/readme.e2e.ts',
  'e2e/dashboard.e2e.ts',
  'caches/together.integration.test.ts',
  'system/interrupted-up.integration.test.ts',
  'rollouts/data-folder.integration.test.ts',
  'src/runs/workflow.integration.test.ts',
  'rollouts/workers.integration.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(name));
      return at === -1 ? longest.length : at;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    // Groups run one after another: a story that loads the machine, or looks at times, shares it with nothing else.
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${folders}/**/*.test.ts`],
          exclude: [integration, '**/node_modules/**'],
          testTimeout: 30_000,
          // They keep nothing between them, and loading the same modules for each file again took longer than running it.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: [integration],
          exclude: ['**/node_modules/**'],
          globalSetup: [`${store}/testing/setup.ts`],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The same tests that `integration` runs on the embedded PostgreSQL, on the oldest one that is supported.
        test: {
          name: 'postgres-15',
          include: [
            `${store}/testing/postgres-15.ts`,
            ...(existsSync('/usr/lib/postgresql/15/bin/postgres')
              ? [`${store}/**/*.integration.test.ts`, 'packages/server/src/engine/dbos-engine.integration.test.ts']
              : []),
          ],
          globalSetup: [`${store}/testing/setup.ts`],
          provide: { postgres: 'system' },
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.ts'],
          exclude: alone,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: alone,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
