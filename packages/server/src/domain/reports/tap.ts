import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { best, frame, placeOf } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** A line of results, `not ok 2 - adds an item # TODO`: with a number, so that nothing else that begins with `ok` is one. */
const result = /^( *)(not )?ok (\d+)(?: - | |$)(.*)$/;
const deepest = 80;

/** What came of the tests of one depth since the last result above them. */
interface Level {
  results: number;
  failed: number;
}

/**
 * Reads TAP 12, 13 and 14, subtests and diagnostics in YAML included. A test with subtests is not counted itself, unless it failed
 * on its own. Without the plan, or with fewer results than planned, the report is incomplete.
 */
export class TapReader implements LineReader {
  #version = false;
  #plan: number | null = null;
  #top = 0;
  #bailed = false;
  #counts = new Counts();
  #failures = new Failures();
  #levels = new Map<number, Level>();
  /** Results whose subtests come after them, in braces, by their indentation. */
  #opened = new Map<number, { names: string[]; failed: boolean }>();
  /** The names above the next result, by their indentation. */
  #names = new Map<number, string>();
  /** Whether names come as `# Subtest: …`; otherwise any remark names the assertions after it, as tape has it. */
  #subtests = false;
  #told: { names: string[]; block: Block; indent: number; yaml: boolean } | null = null;

  line(text: string): TestReport | null {
    if (/^TAP version \d+$/.test(text)) {
      const before = this.end();
      this.#version = true;
      return before;
    }
    if (this.#told !== null && this.#diagnostic(text, this.#told)) return null;
    const [, indent = '', not, , rest = ''] = result.exec(text) ?? [];
    const plan = /^( *)1\.\.(\d{1,9})(?: *#.*)?$/.exec(text);
    const [, remarkIndent = '', remark] = /^( *)# (\S.*)$/.exec(text) ?? [];
    if (result.test(text)) this.#result(indent.length, not !== undefined, rest);
    else if (/^ *\}$/.test(text)) this.#shut(text.length - 1);
    else if (plan?.[1] === '') this.#plan = Number(plan[2]);
    else if (/^Bail out!/.test(text) && this.#version) this.#bail(text.slice('Bail out!'.length).trim());
    else if (remark !== undefined) this.#remark(remarkIndent.length, remark);
    return null;
  }

  end(): TestReport | null {
    this.#close();
    const known = this.#version || (this.#plan !== null && this.#top > 0);
    const { passed, failed, skipped, all } = this.#counts;
    const short = this.#plan === null || this.#top < this.#plan || this.#opened.size > 0;
    const incomplete = this.#bailed || short;
    const failures = this.#failures.items;
    this.#forget();
    if (!known || (incomplete && all === 0)) return null;
    return report('tap', { passed, failed, skipped, failures, incomplete });
  }

  #result(indent: number, not: boolean, rest: string): void {
    this.#close();
    if (indent > deepest) return;
    const [, told = '', directive] = /^(.*?)(?: # ?(SKIP|TODO|time=).*)?$/i.exec(rest) ?? [];
    const name = told
      .replaceAll(/\\([\\#])/g, '$1')
      .replaceAll(' > ', ' › ')
      .trim();
    const opens = rest.endsWith(' {');
    const left = /^(?:skip|todo)$/i.test(directive ?? '');
    const below = this.#below(indent);
    const level = this.#levels.get(indent) ?? { results: 0, failed: 0 };
    level.results += 1;
    if (not && !left) level.failed += 1;
    this.#levels.set(indent, level);
    if (indent === 0) this.#top += 1;
    const names = [...this.#above(indent), name];
    if (opens) {
      this.#names.set(indent, name);
      this.#opened.set(indent, { names, failed: not && !left });
      return;
    }
    // A suite of which a test failed tells nothing new.
    if (below.results > 0 && (!not || left || below.failed > 0)) return;
    this.#counts.add(left ? 'skip' : not ? 'fail' : 'ok');
    if (not && !left) this.#told = { names, block: new Block(), indent, yaml: false };
  }

  /** The end of a result's subtests in braces. */
  #shut(indent: number): void {
    this.#close();
    const opened = this.#opened.get(indent);
    const below = this.#below(indent);
    for (const depth of this.#names.keys()) if (depth >= indent) this.#names.delete(depth);
    for (const depth of this.#opened.keys()) if (depth >= indent) this.#opened.delete(depth);
    if (!opened?.failed || below.failed > 0) return;
    this.#counts.add('fail');
    this.#failures.add(opened.names.join(' › '), '', null);
  }

  /** What came of the tests below; it is forgotten, for they belong to the result at hand. */
  #below(indent: number): Level {
    const below = { results: 0, failed: 0 };
    for (const [depth, { results, failed }] of this.#levels) {
      if (depth <= indent) continue;
      below.results += results;
      below.failed += failed;
      this.#levels.delete(depth);
    }
    return below;
  }

  #above(indent: number): string[] {
    for (const depth of this.#names.keys()) if (depth > indent) this.#names.delete(depth);
    const names = [...this.#names].sort(([one], [other]) => one - other);
    // Under its own depth lies the name of the result itself, or the remark that tells what it asserts.
    return names.filter(([depth]) => depth < indent || !this.#subtests).map(([, name]) => name);
  }

  #remark(indent: number, remark: string): void {
    const subtest = /^Subtest: (.*)$/.exec(remark)?.[1];
    if (subtest !== undefined && !this.#subtests) {
      this.#subtests = true;
      this.#names.clear();
    }
    if (indent > deepest || (this.#subtests && subtest === undefined) || !this.#version) return;
    this.#names.set(indent, (subtest ?? remark).replaceAll(/\\([\\#])/g, '$1'));
  }

  #bail(why: string): void {
    this.#close();
    this.#bailed = true;
    this.#counts.add('fail');
    this.#failures.add('Bail out!', why, null);
  }

  /** Whether the line belongs to what is told of the last failure: YAML between `---` and `...`, or anything further in. */
  #diagnostic(text: string, told: { block: Block; indent: number; yaml: boolean }): boolean {
    const bare = text.trim();
    if (told.yaml) {
      told.yaml = bare !== '...' || text.length - text.trimStart().length <= told.indent;
      if (told.yaml) told.block.add(text);
      else this.#close();
      return true;
    }
    if (bare === '---') {
      told.yaml = true;
      told.block.lines.length = 0;
      return true;
    }
    if (bare === '' || (text.startsWith(' '.repeat(told.indent + 2)) && !/^(?:(?:not )?ok \d|1\.\.|# )/.test(bare))) {
      told.block.add(text);
      return true;
    }
    return false;
  }

  #close(): void {
    const told = this.#told;
    this.#told = null;
    if (told === null) return;
    const { lines } = told.block;
    const yaml = lines.some((line) => /^ *[a-z]\w*: ?/.test(line)) ? fieldsOf(lines) : null;
    const { message, at } = yaml === null ? ofText(lines) : ofYaml(yaml);
    this.#failures.add(told.names.join(' › '), message, at);
  }

  #forget(): void {
    this.#version = false;
    this.#plan = null;
    this.#top = 0;
    this.#bailed = false;
    this.#counts = new Counts();
    this.#failures = new Failures();
    this.#levels = new Map();
    this.#opened = new Map();
    this.#names = new Map();
    this.#subtests = false;
  }
}

type Fields = ReadonlyMap<string, string>;

/** The fields of a diagnostic at whatever depth, the first of each name: `key: value`, blocks (`|-`), and quoted text of several lines. */
function fieldsOf(lines: readonly string[]): Fields {
  const fields = new Map<string, string>();
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = '', key, value = ''] = /^( *)(\w+): ?(.*)$/.exec(lines[index] ?? '') ?? [];
    if (key === undefined) continue;
    const more: string[] = [];
    const within = (line: string): boolean =>
      /^[|>][-+]?$/.test(value) ? line.trim() === '' || line.startsWith(`${indent} `) : isOpen([value, ...more]);
    for (let next = lines[index + 1]; next !== undefined && within(next); next = lines[index + 1]) {
      more.push(next);
      index += 1;
    }
    if (fields.has(key)) continue;
    fields.set(key, /^[|>]/.test(value) ? dedent(more) : unquoted([value, ...more].join('\n')));
  }
  return fields;
}

/** A quoted text that has not ended: Vitest writes line ends into it as they are. */
function isOpen(lines: readonly string[]): boolean {
  const quote = lines[0]?.[0];
  if (quote !== '"' && quote !== "'") return false;
  const last = lines.at(-1) ?? '';
  return !(last.endsWith(quote) && !last.endsWith(`\\${quote}`) && (lines.length > 1 || last.length > 1));
}

function unquoted(text: string): string {
  const inside = /^(["'])(.*)\1$/s.exec(text);
  if (inside === null) return text;
  return inside[1] === '"' ? (inside[2] ?? '').replaceAll(/\\(["\\])/g, '$1') : (inside[2] ?? '').replaceAll("''", "'");
}

function ofYaml(fields: Fields): { message: string; at: string | null } {
  const compared = ['expected', 'actual', 'wanted', 'found'].map((key) => [key, fields.get(key)] as const);
  const message =
    fields.get('error') ||
    fields.get('message') ||
    compared
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n');
  const stack = (fields.get('stack') ?? '')
    .split('\n')
    .map((line) => frame(/^\s*at /.test(line) ? line : `at ${line}`));
  const told = placed(fields.get('at'));
  const thrown = best(stack.filter((one) => one !== null));
  return { message, at: told ?? thrown ?? placed(fields.get('location')) };
}

const placed = (text: string | undefined): string | null =>
  text === undefined ? null : (frame(`at ${text}`) ?? placeOf(text));

function ofText(lines: readonly string[]): { message: string; at: string | null } {
  const stack = lines.findIndex((line) => /^\s*at \S/.test(line));
  const at = best(lines.map(frame).filter((one) => one !== null));
  return { message: dedent(stack < 0 ? lines : lines.slice(0, stack)), at };
}
