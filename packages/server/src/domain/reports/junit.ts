import { TowpathError } from '@towpath/contract';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { stripControls } from './controls.ts';
import { Counts } from './counts.ts';
import { dedent } from './lines.ts';
import { best, fileOf, frame, placeOf } from './places.ts';
import { cut, Failures, report, type TestReport } from './report.ts';

/**
 * Where tools write JUnit documents, from a service's folder, as patterns of `*` and `**`. A document that was there before the
 * tests began is an old one, or was committed: it says nothing of this run.
 */
export const junitPlaces: readonly string[] = [
  'junit.xml',
  'junit/*.xml',
  'reports/junit*.xml',
  'reports/junit/**/*.xml',
  'test-results.xml',
  'test-results/**/*.xml',
  'test-reports/**/*.xml',
  'target/surefire-reports/TEST-*.xml',
  '*/target/surefire-reports/TEST-*.xml',
  'target/failsafe-reports/TEST-*.xml',
  '*/target/failsafe-reports/TEST-*.xml',
  'target/nextest/*/junit.xml',
  'build/test-results/**/*.xml',
  '*/build/test-results/**/*.xml',
  '.vitest/junit/*.xml',
];

const most = { depth: 100, document: 64 * 1024 * 1024, text: 4_000 } as const;
/** The parser takes the document in pieces, so that the first thing wrong with it ends the work. */
const piece = 65_536;

/**
 * Reads one JUnit document; several are added up by `sum`. Nothing outside of the document is looked at, and entities that it
 * defines are refused. Throws `unreadable_report` for what is no such document, and `too_large` beyond 64 Mi characters; `file` is its
 * name in their messages.
 */
export function readJunit(xml: string, file = 'the JUnit report'): TestReport {
  if (xml.length > most.document) {
    throw new TowpathError('too_large', `${file}: ${xml.length} characters; a report may have ${most.document}`);
  }
  const document = new JunitDocument(file);
  // The parser trips over half a character.
  const text = xml.toWellFormed();
  for (let from = 0; from < text.length; from += piece) document.push(text.slice(from, from + piece));
  return document.end();
}

interface Case {
  readonly suites: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  fails: { message: string; text: string } | null;
  skips: boolean;
}

class JunitDocument {
  readonly #parser = new SaxesParser();
  readonly #file: string;
  readonly #counts = new Counts();
  readonly #failures = new Failures();
  readonly #open: string[] = [];
  readonly #suites: string[] = [];
  #case: Case | null = null;

  constructor(file: string) {
    this.#file = file;
    this.#parser.on('opentag', (tag) => this.#begin(tag));
    this.#parser.on('closetag', ({ name }) => this.#finish(name));
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('error', (error) => {
      // Tools write out what tests print, and with it characters that XML does not have.
      if (!/(?:disallowed character|malformed character entity)\.$/.test(error.message))
        throw this.#unreadable(error.message);
    });
  }

  push(text: string): void {
    this.#parser.write(text);
  }

  end(): TestReport {
    this.#parser.close();
    const { passed, failed, skipped } = this.#counts;
    return report('junit', { passed, failed, skipped, failures: this.#failures.items });
  }

  #begin({ name, attributes }: SaxesTagPlain): void {
    if (this.#open.length === 0 && name !== 'testsuites' && name !== 'testsuite') {
      throw this.#unreadable(`its outermost element is <${cut(name, 50)}>, not <testsuites> or <testsuite>`);
    }
    if (this.#open.length >= most.depth) throw this.#unreadable(`elements lie deeper than ${most.depth} in each other`);
    this.#open.push(name);
    if (name === 'testsuite') this.#suites.push(attributes.name ?? '');
    else if (name === 'testcase') this.#case = { suites: [...this.#suites], attributes, fails: null, skips: false };
    else if (name === 'skipped' && this.#case !== null) this.#case.skips = true;
    else if (name === 'failure' || name === 'error') this.#fail(attributes);
  }

  #fail({ message = '' }: Readonly<Record<string, string>>): void {
    // A suite that could not begin has no case to carry the error.
    this.#case ??= {
      suites: this.#suites.slice(0, -1),
      attributes: { name: this.#suites.at(-1) ?? '' },
      fails: null,
      skips: false,
    };
    this.#case.fails ??= { message, text: '' };
  }

  #text(text: string): void {
    const inside = this.#open.at(-1);
    const fails = this.#case?.fails;
    if (!fails || (inside !== 'failure' && inside !== 'error')) return;
    if (fails.text.length < most.text) fails.text += text.slice(0, most.text);
  }

  #finish(name: string): void {
    this.#open.pop();
    const alone = this.#case !== null && !this.#open.includes('testcase') && (name === 'failure' || name === 'error');
    if (name === 'testcase' || alone) this.#count();
    if (name === 'testsuite') this.#suites.pop();
  }

  #count(): void {
    const one = this.#case;
    this.#case = null;
    if (one === null) return;
    this.#counts.add(one.skips ? 'skipped' : one.fails === null ? 'passed' : 'failed');
    if (one.fails === null || one.skips) return;
    const { file, names } = nameOf(one);
    const text = linesOf(one.fails.text);
    const stack = text.findIndex((line) => frame(line) !== null || /^\s+at \S/.test(line));
    const said = dedent(linesOf(one.fails.message)) || dedent(stack < 0 ? text : text.slice(0, stack));
    this.#failures.add(names.join(' › '), said, placeIn(text, file, one.attributes) ?? file);
  }

  #unreadable(why: string): TowpathError {
    return new TowpathError('unreadable_report', `${this.#file} is no JUnit report: ${cut(stripControls(why), 300)}`);
  }
}

const linesOf = (text: string): string[] => text.split(/\r\n?|\n/).map(stripControls);

const sourceFile = /\.(?:[cm]?[jt]sx?|py|rb|php|go|rs|java|kt|cs)$/;

/** The suites and the name of a case. Tools put a class, a file, the path of suites or the whole name into `classname`. */
function nameOf({ suites, attributes }: Case): { file: string | null; names: string[] } {
  const { name = '', classname = '', file } = attributes;
  const own = name.split(' > ');
  if (classname !== '' && classname === suites.join('.')) {
    const [first = ''] = suites;
    if (sourceFile.test(first))
      return { file: file ?? first, names: own[0] === first ? own : [...suites.slice(1), ...own] };
    return { file: file ?? null, names: [...suites, ...own] };
  }
  // `test` is what Node's reporter says for a test outside of any suite.
  const said = classname !== '' && classname !== 'test' && classname !== name;
  return { file: file ?? null, names: said ? [classname, ...own] : own };
}

/** The place that the text names: in the test's own file or class if it does, else the first. */
function placeIn(
  text: readonly string[],
  file: string | null,
  { line, classname = '' }: Readonly<Record<string, string>>,
): string | null {
  const places = text.flatMap((said) => said.split(/[\s()]+/).map((word) => placeOf(word.replace(/:$/, ''))));
  const found = places
    .filter((at) => at !== null && sourceFile.test(fileOf(at)) && !at.startsWith('node:'))
    .slice(0, 100);
  const known = found.filter((at) => at !== null);
  const ofClass = classname.split(/[.$]/);
  const own = known.find((at) => ofClass.includes((fileOf(at).split('/').at(-1) ?? '').replace(sourceFile, '')));
  if (file !== null && line !== undefined) return `${file}:${line}`;
  return own ?? best(known, file);
}
