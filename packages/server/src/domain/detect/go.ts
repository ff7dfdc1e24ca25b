import { type FileView, firstOf, foldersIn, glance, hasFile, nameOf, namesIn } from './files.ts';
import {
  type Check,
  type Findings,
  type Found,
  listed,
  nothing,
  type Place,
  type Tool,
  versioned,
  word,
} from './found.ts';
import { sourcesNear } from './listening.ts';

const golangci = ['.golangci.yml', '.golangci.yaml', '.golangci.toml', '.golangci.json'];

/** Services in Go: a module whose top, or one folder of cmd/, is a program. */
export function go({ files }: Place): Findings | null {
  const mod = files.read('go.mod');
  if (mod === null) return null;
  const module = /^module\s+"?([^\s"]{1,300})/m.exec(mod)?.[1] ?? '';
  const tool = runtimeOf(mod);
  const programs = programsIn(files);
  const vendored = files.exists('vendor/modules.txt');
  const [only] = programs;
  const name = only === undefined || only === '.' ? moduleName(module) : nameOf(only);
  const one = programs.length === 1 && only !== undefined;
  const lint = firstOf(files, golangci);
  return {
    ...nothing,
    kind: { value: versioned('Go', tool), origin: 'go.mod' },
    tools: lint === null ? [tool] : [tool, { name: 'golangci-lint', wanted: null, origin: lint }],
    install: vendored || !files.exists('go.sum') ? null : { value: 'go mod download', origin: 'go.sum' },
    quality: [vet(lint)],
    test: hasFile(files, /_test\.go$/) ? { value: 'go test ./...', origin: 'files …_test.go' } : null,
    build: buildOf(programs, name),
    start: one
      ? { kind: 'command', command: `./bin/${word(name)}`, origin: only === '.' ? 'go.mod, package main' : `${only}/` }
      : null,
    certain: programs.length > 0,
    sources: one ? goSources(files, only) : [],
    ask: ask(programs, moduleName(module)),
  };
}

function vet(lint: string | null): Check {
  return lint === null
    ? { name: 'lint', command: 'go vet ./...', origin: 'go.mod' }
    : { name: 'lint', command: 'golangci-lint run', origin: lint };
}

function buildOf(programs: readonly string[], name: string): Found | null {
  const [only] = programs;
  if (only === undefined) return null;
  if (programs.length > 1)
    return { value: 'go build -o ./bin/ ./cmd/...', origin: `cmd/ with ${programs.length} programs` };
  const target = only === '.' ? '.' : `./${only}`;
  return {
    value: `go build -o ./bin/${word(name)} ${word(target)}`,
    origin: only === '.' ? 'go.mod, package main' : `${only}/`,
  };
}

function ask(programs: readonly string[], own: string): string {
  if (programs.length === 0) return 'Which command starts the service? No package main was found at the top or in cmd/';
  const names = programs.map(nameOf);
  return `Which program takes the requests? cmd/ holds ${listed(names)}; each is built to ./bin/, so the start would be ./bin/${names.find((name) => name === own) ?? names[0]}`;
}

/** Folders with a package main: the top alone, or cmd/ and those in it. */
function programsIn(files: FileView): string[] {
  if (isMain(files, '.')) return ['.'];
  return ['cmd', ...foldersIn(files, 'cmd')].filter((folder) => isMain(files, folder));
}

function isMain(files: FileView, folder: string): boolean {
  const sources = namesIn(files, folder, /\.go$/).filter((path) => !path.endsWith('_test.go'));
  return sources.slice(0, 20).some((path) => /^package main\b/m.test(glance(files, path) ?? ''));
}

function goSources(files: FileView, folder: string): string[] {
  const [first] = namesIn(files, folder, /\.go$/).filter((path) => !path.endsWith('_test.go'));
  if (first === undefined) return [];
  const inner = ['internal', 'pkg', 'internal/server', 'internal/http', 'internal/api', 'server', 'api'];
  const others = inner
    .flatMap((each) => [each, ...foldersIn(files, each)])
    .flatMap((each) => namesIn(files, each, /\.go$/));
  return [
    ...new Set([...sourcesNear(files, first, /\.go$/), ...others.filter((path) => !path.endsWith('_test.go'))]),
  ].slice(0, 40);
}

/** Go's own name of the program: the last step of the module that is no version. */
function moduleName(module: string): string {
  const steps = module.split('/').filter((step) => !/^v\d+$/.test(step));
  return steps.at(-1)?.replace(/[^\w.-]/g, '') || 'app';
}

/** Both lines name the oldest that will do: https://go.dev/ref/mod#go-mod-file-toolchain */
function runtimeOf(mod: string): Tool {
  const toolchain = /^toolchain\s+go([\w.-]{1,30})/m.exec(mod)?.[1];
  if (toolchain !== undefined) return { name: 'go', wanted: `>=${toolchain}`, origin: 'go.mod, line "toolchain"' };
  const oldest = /^go\s+([\d.]{1,20}\w{0,10})/m.exec(mod)?.[1];
  const wanted = oldest === undefined ? null : `>=${oldest}`;
  return { name: 'go', wanted, origin: wanted === null ? 'go.mod' : 'go.mod, line "go"' };
}
