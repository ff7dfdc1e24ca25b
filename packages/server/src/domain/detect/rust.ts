import { z } from 'zod';
import { type FileView, firstOf, folderOf, foldersBelow, glance, join, nameOf, namesIn, wayUp } from './files.ts';
import { type Findings, listed, nothing, type Place, type Tool, versioned, word } from './found.ts';
import { sourcesNear } from './listening.ts';
import { evidence, readToml } from './parse.ts';
import { workspaceAround, workspacesOf } from './workspaces.ts';

const Version = z.union([z.string(), z.object({ workspace: z.boolean() }).transform(() => undefined)]).optional();
const Cargo = z.object({
  package: z
    .object({
      name: z.string(),
      'rust-version': Version,
      'default-run': z.string().optional(),
      autobins: z.boolean().optional(),
    })
    .optional(),
  bin: z.array(z.object({ name: z.string().optional(), path: z.string().optional() })).default([]),
  workspace: z.object({ package: z.object({ 'rust-version': Version }).optional() }).optional(),
});
type Cargo = z.infer<typeof Cargo>;

interface Program {
  readonly name: string;
  /** Its package, and its source from the service's folder. */
  readonly package: string;
  readonly source: string;
}

/** Services in Rust: a package with one program, or a workspace in which one has. */
export function rust(place: Place): Findings | null {
  const { files, folder, repository } = place;
  const cargo = readToml(files, 'Cargo.toml', Cargo);
  if (cargo === null) return null;
  const root = workspaceAround(repository, folder, ['cargo'])?.folder ?? folder;
  const members =
    cargo.package === undefined ? (workspacesOf(files).find((each) => each.kind === 'cargo')?.members ?? []) : [];
  const programs = [
    ...programsOf(files, '.', cargo),
    ...members.flatMap((member) => programsOf(files, member, readToml(files, join(member, 'Cargo.toml'), Cargo))),
  ];
  const chosen =
    programs.find((each) => each.name === cargo.package?.['default-run']) ??
    (programs.length === 1 ? programs[0] : undefined);
  const lock = join(root, 'Cargo.lock');
  const locked = repository.exists(lock) ? ' --locked' : '';
  const tool = runtimeOf(place, root, cargo);
  const only = chosen !== undefined && members.length > 0 ? ` --package ${word(chosen.package)}` : '';
  const target = join(wayUp(folder, root), 'target/release');
  const origin = chosen?.source ?? 'Cargo.toml';
  return {
    ...nothing,
    kind: { value: versioned('Rust', tool), origin: 'Cargo.toml' },
    tools: [tool],
    install: locked === '' ? null : { value: 'cargo fetch --locked', origin: nameOf(lock) },
    quality: [
      {
        name: 'lint',
        command: `cargo clippy --all-targets${locked}`,
        origin: firstOf(files, ['clippy.toml', '.clippy.toml']) ?? 'Cargo.toml',
      },
      {
        name: 'format',
        command: 'cargo fmt --check',
        origin: firstOf(files, ['rustfmt.toml', '.rustfmt.toml']) ?? 'Cargo.toml',
      },
    ],
    test: hasTests(files) ? { value: `cargo test${locked}`, origin: 'Cargo.toml, with tests in its sources' } : null,
    build: programs.length === 0 ? null : { value: `cargo build --release${locked}${only}`, origin },
    start:
      chosen === undefined
        ? null
        : { kind: 'command', command: word(`${target.startsWith('.') ? '' : './'}${target}/${chosen.name}`), origin },
    cache: locked === '' ? null : { keys: [lock], folders: [join(root, 'target')], replacesInstall: false },
    certain: programs.length > 0,
    sources: chosen === undefined ? [] : sourcesNear(files, chosen.source, /\.rs$/),
    ask: ask(programs),
  };
}

function ask(programs: readonly Program[]): string {
  if (programs.length === 0) return 'Which command starts the service? No src/main.rs and no [[bin]] was found';
  return `Which program takes the requests? There are ${listed(programs.map((each) => each.name))}; the start would be ./target/release/${programs[0]?.name}`;
}

/** The programs of a package, as Cargo finds them: https://doc.rust-lang.org/cargo/guide/project-layout.html */
function programsOf(files: FileView, folder: string, cargo: Cargo | null): Program[] {
  const own = cargo?.package;
  if (own === undefined || cargo === null) return [];
  const found = new Map<string, string>();
  if (own.autobins !== false) {
    if (files.exists(join(folder, 'src/main.rs'))) found.set(own.name, join(folder, 'src/main.rs'));
    for (const path of namesIn(files, join(folder, 'src/bin'), /\.rs$/)) found.set(nameOf(path).slice(0, -3), path);
  }
  for (const bin of cargo.bin) {
    const path = join(folder, bin.path ?? 'src/main.rs');
    for (const [name, known] of found) if (known === path) found.delete(name);
    found.set(bin.name ?? own.name, path);
  }
  return [...found].map(([name, source]) => ({ name, package: own.name, source }));
}

function hasTests(files: FileView): boolean {
  return foldersBelow(files, '.', 3)
    .flatMap((folder) => namesIn(files, folder, /\.rs$/))
    .slice(0, 100)
    .some((path) => /(^|\/)tests\//.test(path) || /#\[(\w+::)?test\b/.test(glance(files, path) ?? ''));
}

const Toolchain = z.object({ toolchain: z.object({ channel: z.string().optional() }).optional() });

function runtimeOf({ files, repository, folder }: Place, root: string, cargo: Cargo): Tool {
  for (const at of [...new Set([folder, root, folderOf(root)])]) {
    const path = join(at, 'rust-toolchain.toml');
    const channel = evidence(readToml, repository, path, Toolchain)?.toolchain?.channel;
    if (channel !== undefined) return { name: 'rust', wanted: channel, origin: 'rust-toolchain.toml' };
    const plain = /^\s*([\w.-]{1,60})\s*$/.exec(glance(repository, join(at, 'rust-toolchain')) ?? '')?.[1];
    if (plain !== undefined) return { name: 'rust', wanted: plain, origin: 'rust-toolchain' };
  }
  const above =
    root === folder || !files.exists('Cargo.toml') ? null : readToml(repository, join(root, 'Cargo.toml'), Cargo);
  const oldest =
    cargo.package?.['rust-version'] ??
    cargo.workspace?.package?.['rust-version'] ??
    above?.workspace?.package?.['rust-version'];
  return {
    name: 'rust',
    wanted: oldest === undefined ? null : `>=${oldest}`,
    origin: oldest === undefined ? 'Cargo.toml' : 'Cargo.toml, "rust-version"',
  };
}
