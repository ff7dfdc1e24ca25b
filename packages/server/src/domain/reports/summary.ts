import { cut, type Failure, type TestReport } from './report.ts';

const most = { summary: 300, name: 120, message: 120 } as const;

/**
 * A report as people read it in a stage's reason: one line of at most 300 characters, `214 passed, 2 skipped` or
 * `3 of 214 tests failed: cart › adds an item: expected 2 to be 3 (src/cart.test.ts:14), …`.
 */
export function summary(report: TestReport): string {
  const ending = report.incomplete ? ' (it ended before its summary)' : '';
  if (report.failed === 0) return `${passed(report)}${ending}`;
  const room = most.summary - ending.length;
  // Where tests passed that nobody counted there is no total to give.
  const of = report.packages || report.passed === 0 ? '' : ` of ${report.passed + report.failed}`;
  let text = `${report.failed}${of} ${of === '' && report.failed === 1 ? 'test' : 'tests'} failed`;
  for (const [index, failure] of report.failures.entries()) {
    const next = `${text}${index === 0 ? ': ' : ', '}${told(failure)}`;
    const last = index === report.failed - 1;
    if (next.length > room - (last ? 0 : ', …'.length)) {
      text = index === 0 ? cut(next, room) : `${text}, …`;
      return `${text}${ending}`;
    }
    text = next;
  }
  return `${text}${report.moreFailures > 0 && report.failures.length > 0 ? ', …' : ''}${ending}`;
}

function passed({ passed, packages = 0, skipped }: TestReport): string {
  const parts = [
    passed > 0 || (packages === 0 && skipped > 0) ? `${passed} passed` : '',
    packages > 0 ? `${packages} ${packages === 1 ? 'package' : 'packages'} passed` : '',
    skipped > 0 ? `${skipped} skipped` : '',
  ];
  return parts.filter((part) => part !== '').join(', ') || 'no tests ran';
}

function told({ name, message, at }: Failure): string {
  const said = cut(inShort(message), most.message);
  const parts = [cut(oneLine(name), most.name), said].filter((part) => part !== '');
  return `${parts.join(': ')}${at === null ? '' : ` (${oneLine(at)})`}`;
}

/** The message up to its diff, without the name of the error that every failed assertion has. */
function inShort(message: string): string {
  const lines = message.split('\n');
  const diff = lines.findIndex((line) =>
    /^\s*(?:[-+] ?(?:Expected|Received|expected|actual)\b|[-+] |Differing items:)/.test(line),
  );
  const text = oneLine((diff > 0 ? lines.slice(0, diff) : lines).join(' '));
  return text.replace(/^(?:Uncaught )?AssertionError(?: \[ERR_ASSERTION\])?: /, '');
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
