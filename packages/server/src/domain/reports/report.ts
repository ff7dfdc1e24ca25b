import type { TestFailure as Failure, TestReport } from '@towpath/contract';

export type { Failure, TestReport };

const most = { failures: 50, message: 2_000, name: 300 } as const;

/** Lists failures up to the limit and forgets the rest, so that an output of any length takes bounded memory. */
export class Failures {
  readonly items: Failure[] = [];

  get full(): boolean {
    return this.items.length >= most.failures;
  }

  add(name: string, message: string, at: string | null): void {
    if (this.full) return;
    this.items.push({ name: cut(name.trim(), most.name), message: cut(message, most.message), at });
  }
}

/** Counts as the tool gives them and the failures that were found beside them. */
export interface Found {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  readonly packages?: number | undefined;
  readonly incomplete?: boolean;
}

/** The report of what was found. The tool's own count is trusted: a longer list was padded by what a test printed. */
export function report(tool: string, found: Found): TestReport {
  const failures = found.failures.slice(0, Math.min(found.failed, most.failures));
  return {
    tool,
    passed: found.passed,
    failed: found.failed,
    skipped: found.skipped,
    ...(found.packages ? { packages: found.packages } : {}),
    failures,
    moreFailures: found.failed - failures.length,
    ...(found.incomplete ? { incomplete: true } : {}),
  };
}

/** Several reports as one: counts added up, tools named once each, in order; null for none. */
export function sum(reports: readonly TestReport[]): TestReport | null {
  if (reports.length === 0) return null;
  const total = (count: (one: TestReport) => number): number => reports.reduce((all, one) => all + count(one), 0);
  return report([...new Set(reports.flatMap((one) => one.tool.split(', ')))].join(', '), {
    passed: total((one) => one.passed),
    failed: total((one) => one.failed),
    skipped: total((one) => one.skipped),
    packages: total((one) => one.packages ?? 0),
    failures: reports.flatMap((one) => one.failures),
    incomplete: reports.some((one) => one.incomplete),
  });
}

/** The same report with places told from `root`, an absolute folder: `/srv/shop/src/cart.ts:14` becomes `src/cart.ts:14`. */
export function within(root: string, whole: TestReport): TestReport {
  const prefix = `${root.replace(/\/$/, '')}/`;
  const failures = whole.failures.map((one) =>
    one.at?.startsWith(prefix) ? { ...one, at: one.at.slice(prefix.length) } : one,
  );
  return { ...whole, failures };
}

export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
