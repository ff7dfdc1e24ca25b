import { printable } from '@towpath/contract';
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, Parser, type YAMLError } from 'yaml';

/** What is wrong at a line. The path is empty where the text itself cannot be read. */
export interface LineMistake {
  readonly line: number;
  readonly path: readonly string[];
  readonly message: string;
}

/** A text as plain values, with the line that each key and list item stands on, by its path. */
export interface PlainDocument {
  readonly value: unknown;
  readonly lines: ReadonlyMap<string, number>;
  readonly mistakes: readonly LineMistake[];
}

const largest = 1_000_000;
// Parsing takes some microseconds a token: a server must not be kept busy by a file that nobody wrote by hand.
const mostTokens = 20_000;
const longestToken = 32_000;

/** Where a number is meant as the text that stands there: 3.10 is a version, 007 a variable's value. */
type AsText = (path: readonly string[]) => boolean;

/** Reads the part of YAML that settings need: one document of maps, lists, texts, numbers, true, false and null. Never throws. */
export function readYaml(source: string, asText: AsText): PlainDocument {
  const text = source.replace(/^\ufeff/, '');
  const failed = (line: number, message: string): PlainDocument => ({
    value: null,
    lines: new Map(),
    mistakes: [{ line, path: [], message }],
  });
  if (text.length > largest) return failed(1, 'the file is larger than 1 MB; a file of settings has some lines');
  const nul = text.indexOf('\0');
  if (nul >= 0) return failed(lineAt(text, nul), 'a NUL character; text is allowed');
  const counter = new LineCounter();
  const options = {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    lineCounter: counter,
    logLevel: 'silent',
  } as const;
  const documents = [];
  try {
    for (const document of new Composer({ ...options, prettyErrors: false }).compose(tokensOf(text, counter))) {
      documents.push(document);
      if (documents.length > 1) break;
    }
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return failed(lineAt(text, error.offset), error.message);
  }
  const [document, second] = documents;
  if (document === undefined) return { value: null, lines: new Map(), mistakes: [] };
  const line = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const walk = new Walk(line, asText);
  const value = walk.plain(document.contents, []);
  const mistakes = [...document.errors.slice(0, 100).map((error) => syntax(error, line)), ...walk.mistakes];
  if (second !== undefined && document.errors.length === 0) {
    const at = line(second.range[0]);
    mistakes.push({ line: at, path: [], message: 'a second document begins; one is allowed, without ---' });
  }
  return { value, lines: walk.lines, mistakes };
}

class TooMuch extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

function* tokensOf(text: string, counter: LineCounter) {
  const parser = new Parser(counter.addNewLine);
  counter.addNewLine(0);
  let count = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    count += 1;
    if (count > mostTokens)
      throw new TooMuch('the file goes on for too long; a file of settings has some lines', offset);
    if (token.length > longestToken && !token.startsWith('#')) {
      throw new TooMuch('a text of more than 32,000 characters; shorter ones are allowed', offset);
    }
    offset += token.length;
    yield* parser.next(token);
  }
  yield* parser.end();
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** What a parser says, in the words of somebody who writes settings. */
const syntaxWords: readonly (readonly [code: YAMLError['code'], message: string])[] = [
  ['TAB_AS_INDENT', 'a tab indents this line; blanks are allowed'],
  [
    'BAD_INDENT',
    'the indentation does not fit the lines above, or a [ or { is not closed; 2 blanks a level are allowed',
  ],
  ['MISSING_CHAR', 'a quote, bracket or colon is missing'],
  [
    'BLOCK_AS_IMPLICIT_KEY',
    'a second ": " on the line, or a wrong indentation below it; put a text with ": " in quotes',
  ],
  ['MULTILINE_IMPLICIT_KEY', 'a key goes over several lines; is a ":" missing, or the indentation wrong?'],
  ['BAD_SCALAR_START', 'a text cannot begin with this character; put it in quotes'],
  ['BAD_DQ_ESCAPE', 'a \\ in double quotes that stands for nothing; single quotes take it as it is'],
  ['BAD_ALIAS', 'a * or & without a name; put a text that begins with it in quotes'],
  ['RESOURCE_EXHAUSTION', 'maps or lists are nested too deeply'],
  ['UNEXPECTED_TOKEN', 'something stands here that belongs to nothing above; is the indentation or a bracket wrong?'],
];

function syntax({ code, pos, message }: YAMLError, line: (offset: number) => number): LineMistake {
  const words =
    syntaxWords.find(([each]) => each === code)?.[1] ?? `no YAML: ${printable(message.split('\n')[0] ?? '')}`;
  return { line: line(pos[0]), path: [], message: words };
}

const neverKeys: readonly (readonly [key: string, message: string])[] = [
  ['<<', 'maps are not merged here; write out what is meant'],
  ['__proto__', 'nothing can have this name; another one is allowed'],
];

/** Turns nodes into plain values, and notes where they stand. What stands for something else is not followed. */
class Walk {
  readonly lines = new Map<string, number>();
  readonly mistakes: LineMistake[] = [];
  readonly #line: (offset: number) => number;
  readonly #asText: AsText;

  constructor(line: (offset: number) => number, asText: AsText) {
    this.#line = line;
    this.#asText = asText;
  }

  plain(node: Node | null | undefined, path: readonly string[]): unknown {
    if (node === null || node === undefined) return null;
    if (isAlias(node))
      return this.#refuse(node, path, `*${printable(node.source)} stands for another place; write out what is meant`);
    if (node.tag !== undefined)
      return this.#refuse(node, path, 'a tag (!…) changes what a value is; write the plain value');
    if (!isScalar(node) && !isMap(node) && !isSeq(node))
      return this.#refuse(node, path, 'neither a value, map nor list');
    if (node.anchor !== undefined)
      this.#refuse(node, path, `&${printable(node.anchor)} names a place; write without it`);
    if (isMap(node)) return this.#map(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.#item(asNode(item), [...path, String(index)]));
    return typeof node.value === 'number' && this.#asText(path) ? (node.source ?? String(node.value)) : node.value;
  }

  #item(node: Node | null, path: readonly string[]): unknown {
    if (node !== null) this.lines.set(path.join('.'), this.#lineOf(node));
    return this.plain(node, path);
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], path: readonly string[]): unknown {
    const entries = new Map<string, unknown>();
    for (const { key, value } of items) {
      const name = isScalar(key) && key.tag === undefined ? keyText(key) : null;
      if (name === null) {
        this.#refuse(asNode(key) ?? asNode(value), path, 'a key is missing, or is no plain word');
        continue;
      }
      const here = [...path, name];
      if (isScalar(key) && key.anchor !== undefined)
        this.#refuse(key, here, `&${printable(key.anchor)} names a place; write without it`);
      const at = isScalar(key) ? this.#lineOf(key) : 1;
      const known = entries.has(name) ? this.lines.get(here.join('.')) : undefined;
      if (known !== undefined) {
        this.mistakes.push({ line: at, path: here, message: `stands in line ${known} already; once is allowed` });
        continue;
      }
      const never = neverKeys.find(([each]) => each === name)?.[1];
      if (never !== undefined) {
        this.mistakes.push({ line: at, path: here, message: never });
        continue;
      }
      this.lines.set(here.join('.'), at);
      entries.set(name, this.plain(asNode(value), here));
    }
    return Object.fromEntries(entries);
  }

  #refuse(node: Node | null, path: readonly string[], message: string): null {
    const line = node === null ? (this.lines.get(path.join('.')) ?? 1) : this.#lineOf(node);
    this.mistakes.push({ line, path, message });
    return null;
  }

  #lineOf(node: Node): number {
    return this.#line(node.range?.[0] ?? 0);
  }
}

const asNode = (value: unknown): Node | null =>
  isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : null;

function keyText(key: { readonly value: unknown; readonly source?: string }): string | null {
  if (typeof key.value === 'string') return key.value === '' ? null : key.value;
  return typeof key.value === 'number' || typeof key.value === 'boolean' ? (key.source ?? String(key.value)) : null;
}
