import type { TestReport } from '@towpath/contract';

/** What a log can be asked. */
interface Lines {
  readonly count: number;
  text(index: number): string;
}

const sign = /✗|✖|×|✕|❯|●|\bFAIL(?:ED|URE)?\b|\bnot ok\b|--- FAIL/;
const trouble = /\b(?:error|fatal|panic|exception|traceback|failed)\b|✗|✖|\bFAIL\b|\bnot ok\b/i;

/**
 * The line (from 0) at which somebody begins to read: where the first failed test is told, else the first that speaks of an error, else
 * the last one. Null: the log is empty.
 */
export function firstFailure(lines: Lines, report: TestReport | null): number | null {
  if (lines.count === 0) return null;
  const name = report?.failures[0]?.name.split(' › ').at(-1);
  let named: number | null = null;
  let troubled: number | null = null;
  for (let index = 0; index < lines.count; index++) {
    const text = lines.text(index);
    if (name !== undefined && text.includes(name)) {
      if (sign.test(text)) return index;
      named ??= index;
    }
    if (troubled === null && trouble.test(text)) troubled = index;
  }
  return named ?? troubled ?? lines.count - 1;
}
