import { relative } from 'node:path';
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';

/**
 * A Vitest reporter for the end of a whole run: names what was skipped and why, and closes with one line,
 * `Tests: N passed, N failed, N skipped`. A skip without a reason is a failure, and so is a file that does not load.
 */
export default class Tally implements Reporter {
  #root = '';
  #filtered = false;

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root;
    this.#filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const failures = unhandled.map((error) => `outside any test: ${error.message}`);
    const reasons = new Map<string, number>();
    let passed = 0;
    let skipped = 0;
    for (const module of modules) {
      const file = relative(this.#root, module.moduleId);
      for (const error of suiteErrors(module)) failures.push(`${file}: ${error}`);
      for (const test of module.children.allTests()) {
        const { state, note } = resultOf(test);
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failures.push(`${file}: ${test.fullName}`);
        else if (note !== undefined || this.#filtered) {
          skipped += 1;
          if (note !== undefined) reasons.set(note, (reasons.get(note) ?? 0) + 1);
        } else failures.push(`${file}: ${test.fullName}: did not run, and no reason is given`);
      }
    }
    for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`);
    for (const failure of failures) console.log(`failed: ${failure}`);
    console.log(`Tests: ${passed} passed, ${failures.length} failed, ${skipped} skipped`);
    if (failures.length > 0) process.exitCode = 1;
  }
}

function resultOf(test: TestCase): { state: string; note?: string | undefined } {
  const result = test.result();
  return result.state === 'skipped' ? { state: 'skipped', note: result.note } : { state: result.state };
}

/** What went wrong outside the tests themselves: loading the file, `beforeAll`, `afterAll`. */
function* suiteErrors(module: TestModule): Generator<string> {
  for (const error of module.errors()) yield error.message;
  for (const suite of module.children.allSuites()) {
    for (const error of suite.errors()) yield `${suite.fullName}: ${error.message}`;
  }
}
