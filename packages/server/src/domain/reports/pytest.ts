import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { best, placeOf } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** Letters of the progress, and what they stand for. */
const letters: ReadonlyMap<string, string> = new Map([
  ['.', 'passed'],
  ['X', 'xpassed'],
  ['F', 'failed'],
  ['E', 'error'],
  ['s', 'skipped'],
  ['x', 'xfailed'],
]);

interface Section {
  /** `TestItems.test_adds`, `ERROR at setup of test_with_shop`, `ERROR collecting test_broken.py`. */
  readonly title: string;
  readonly said: Block;
  readonly places: string[];
}

/** Reads the last line of pytest, with the failures before it. Errors in collection and in fixtures count as failed. */
export class PytestReader implements LineReader {
  #started = false;
  #seen = new Counts();
  #part = '';
  #sections: Section[] = [];
  #section: Section | null = null;
  #ids: { id: string; rest: string; error: boolean }[] = [];

  line(text: string): TestReport | null {
    const whole = this.#last(text);
    if (whole !== null) return whole;
    const part = /^=+ ([A-Za-z].*?) =+$/.exec(text)?.[1];
    if (part === 'test session starts') {
      const before = this.end();
      this.#started = true;
      return before;
    }
    if (part !== undefined) {
      this.#part = part;
      this.#section = null;
    } else if (this.#part === 'FAILURES' || this.#part === 'ERRORS') this.#detail(text);
    else if (this.#part === 'short test summary info') this.#short(text);
    else if (this.#started) this.#live(text);
    return null;
  }

  end(): TestReport | null {
    const { passed, failed, skipped, all } = this.#seen;
    const failures = this.#failures();
    this.#forget();
    return all === 0 ? null : report('pytest', { passed, failed, skipped, failures, incomplete: true });
  }

  /** `==== 4 failed, 3 passed in 0.09s ====`, or the same without `=` when it is to be quiet. */
  #last(text: string): TestReport | null {
    if (!text.includes(' in ')) return null;
    const bare = text.replace(/^=+ /, '').replace(/ =+$/, '');
    const told = /^(.+) in \d[\d.]*s(?: \([^()]*\))?$/.exec(bare)?.[1];
    if (told === undefined) return null;
    const counts = new Counts();
    const parts = told === 'no tests ran' ? [] : told.split(', ');
    // Plug-ins count things of their own, subtests do so too.
    if (!parts.every((part) => /^\d+ [a-z ]+$/.test(part))) return null;
    const known = parts.map((part) => counts.addTold(part) || part.endsWith(' deselected'));
    if (parts.length > 0 && !known.includes(true)) return null;
    const { passed, failed, skipped } = counts;
    const failures = this.#failures();
    this.#forget();
    return report('pytest', { passed, failed, skipped, failures });
  }

  #live(text: string): void {
    const word = /^\S+::.* (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b/.exec(text)?.[1];
    const marks = word === undefined ? /^\S+\.py ([.FEsxX]+)(?: +\[[^\]]*\])?$/.exec(text)?.[1] : undefined;
    if (word !== undefined) this.#seen.add(word);
    for (const mark of marks ?? '') this.#seen.add(letters.get(mark) ?? '');
  }

  #detail(text: string): void {
    const title = /^_+ (\S.*) _+$/.exec(text)?.[1];
    if (title !== undefined) {
      this.#section = { title, said: new Block(), places: [] };
      if (this.#sections.length < 100) this.#sections.push(this.#section);
    } else if (this.#section !== null) {
      const place = placeOf(/^(\S+:\d+): /.exec(text)?.[1] ?? '');
      if (/^E(?: |$)/.test(text)) this.#section.said.add(text.slice(1));
      else if (place !== null && this.#section.places.length < 20) this.#section.places.push(place);
    }
  }

  #short(text: string): void {
    const [, kind, told = ''] = /^(FAILED|ERROR) (\S.*)$/.exec(text) ?? [];
    if (kind === undefined || this.#ids.length >= 100) return;
    // The value of a parameter may hold ` - ` too.
    const from = told.includes('[') ? Math.max(told.indexOf('] - '), 0) : 0;
    const dash = told.indexOf(' - ', from);
    const [id, rest] = dash < 0 ? [told, ''] : [told.slice(0, dash), told.slice(dash + 3)];
    this.#ids.push({ id, rest, error: kind === 'ERROR' });
  }

  #failures(): Failures['items'] {
    const failures = new Failures();
    if (this.#ids.length === 0) {
      for (const { title, said, places } of this.#sections) {
        const name = title.replace(/^ERROR (?:collecting|at \w+ of) /, '');
        failures.add(isFile(name) ? name : name.split('.').join(' › '), dedent(said.lines), best(places));
      }
      return failures.items;
    }
    const left = [...this.#sections];
    for (const { id, rest, error } of this.#ids) {
      const [file = '', ...names] = id.split('::');
      const title = names.join('.');
      const index = left.findIndex((one) =>
        error
          ? names.length === 0
            ? one.title === `ERROR collecting ${file}`
            : one.title.startsWith('ERROR at ') && one.title.endsWith(` of ${title}`)
          : one.title === title,
      );
      const [section] = index < 0 ? [] : left.splice(index, 1);
      const said = dedent(section?.said.lines ?? []) || rest;
      failures.add(names.join(' › ') || file, said, best(section?.places.toReversed() ?? [], file) ?? file);
    }
    return failures.items;
  }

  #forget(): void {
    this.#started = false;
    this.#seen = new Counts();
    this.#part = '';
    this.#sections = [];
    this.#section = null;
    this.#ids = [];
  }
}

const isFile = (name: string): boolean => name.endsWith('.py') || name.includes('/');
