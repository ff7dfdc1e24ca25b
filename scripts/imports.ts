import { type Argument, type Expression, parseSync, Visitor } from 'oxc-parser';

/** One reference from a file to another module. `line` counts from 1. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `resolve`: only its address is asked for (`import.meta.resolve`), nothing is loaded. */
  readonly kind: 'import' | 'resolve';
}

/**
 * Every module that a source text names by a literal: static, dynamic and type imports, re-exports, `require`,
 * `import.meta.resolve`, `new URL('….ts', import.meta.url)` and Vitest's mocks. Throws on a text that does not parse.
 */
export function importsOf(file: string, source: string): Import[] {
  const { program, errors } = parseSync(file, source);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const found: Import[] = [];
  const add = (literal: Argument | Expression | null | undefined, kind: Import['kind']): void => {
    if (literal?.type !== 'Literal' || typeof literal.value !== 'string') return;
    found.push({ specifier: literal.value, line: source.slice(0, literal.start).split('\n').length, kind });
  };
  const text = (node: { start: number; end: number }): string => source.slice(node.start, node.end);
  new Visitor({
    ImportDeclaration: (node) => add(node.source, 'import'),
    ExportAllDeclaration: (node) => add(node.source, 'import'),
    ExportNamedDeclaration: (node) => add(node.source, 'import'),
    ImportExpression: (node) => add(node.source, 'import'),
    TSImportType: (node) => add(node.source, 'import'),
    CallExpression: (node) => {
      const callee = text(node.callee);
      if (callee === 'import.meta.resolve') add(node.arguments[0], 'resolve');
      else if (loaders.has(callee)) add(node.arguments[0], 'import');
    },
    NewExpression: (node) => {
      const [file, base] = node.arguments;
      if (text(node.callee) !== 'URL' || !base || text(base) !== 'import.meta.url') return;
      if (file?.type === 'Literal' && /\.[cm]?[jt]s$/.test(String(file.value))) add(file, 'import');
    },
  }).visit(program);
  return found;
}

const loaders: ReadonlySet<string> = new Set(['require', 'vi.mock', 'vi.doMock', 'vi.importActual', 'vi.importMock']);
