/** Sites that are files, and the generators that make them. */
import { type FileView, firstOf, glance } from './files.ts';
import { type Ecosystem, type Findings, nothing, type Place, type Tool } from './found.ts';

interface Generator {
  readonly name: string;
  /** Its settings file and what must be in it; another file or folder that must be there. */
  readonly settings: readonly string[];
  readonly text: RegExp;
  readonly beside: readonly string[];
  readonly tools: readonly string[];
  readonly install: (files: FileView) => string | null;
  readonly build: (files: FileView) => string;
  readonly folder: string;
  /** As often the documentation of something else: then it is no service. */
  readonly documents?: true;
  /** Where the settings move the folder to. */
  readonly moved?: RegExp;
}

const no = () => null;

const generators: readonly Generator[] = [
  {
    name: 'Hugo',
    settings: ['hugo.toml', 'hugo.yaml', 'hugo.yml', 'hugo.json', 'config.toml', 'config.yaml'],
    text: /\bbaseURL\b/i,
    beside: ['content', 'layouts', 'themes', 'archetypes'],
    tools: ['hugo'],
    install: no,
    build: () => 'hugo --minify',
    folder: 'public',
    moved: /^[ \t]*publishDir\s*[:=]\s*["']?([\w./-]{1,100})/im,
  },
  {
    name: 'Zola',
    settings: ['config.toml'],
    text: /^[ \t]*base_url\s*=/m,
    beside: ['content', 'templates'],
    tools: ['zola'],
    install: no,
    build: () => 'zola build',
    folder: 'public',
  },
  {
    name: 'Jekyll',
    settings: ['_config.yml', '_config.yaml'],
    text: /./,
    beside: ['_posts', '_layouts', '_includes', 'Gemfile', 'index.md', 'index.markdown'],
    tools: ['ruby', 'bundler'],
    install: (files) =>
      files.exists('Gemfile') ? 'bundle config set --local path vendor/bundle && bundle install' : null,
    build: (files) => (files.exists('Gemfile') ? 'bundle exec jekyll build' : 'jekyll build'),
    folder: '_site',
    moved: /^destination\s*:\s*["']?([\w./-]{1,100})/m,
  },
  {
    name: 'MkDocs',
    settings: ['mkdocs.yml', 'mkdocs.yaml'],
    text: /./,
    beside: ['docs', 'mkdocs.yml', 'mkdocs.yaml'],
    tools: ['python'],
    install: (files) => {
      const requirements = firstOf(files, ['requirements.txt', 'docs/requirements.txt', 'requirements-docs.txt']);
      return `python3 -m venv .venv && .venv/bin/python -m pip install ${requirements === null ? 'mkdocs' : `-r ${requirements}`}`;
    },
    build: () => '.venv/bin/python -m mkdocs build',
    documents: true,
    folder: 'site',
    moved: /^site_dir\s*:\s*["']?([\w./-]{1,100})/m,
  },
  {
    name: 'mdBook',
    settings: ['book.toml'],
    text: /^[ \t]*\[book\]/m,
    beside: ['src'],
    tools: ['mdbook'],
    install: no,
    build: () => 'mdbook build',
    documents: true,
    folder: 'book',
  },
];

/** A site that a generator makes. */
export const generated: Ecosystem = (place) => made(place, (each) => each.documents === undefined);

/** Pages that document what is beside them, where there is something. */
export const documents: Ecosystem = (place) => made(place, (each) => each.documents === true);

function made({ files }: Place, counts: (generator: Generator) => boolean): Findings | null {
  for (const generator of generators.filter(counts)) {
    const origin = generator.settings.find((path) => generator.text.test(glance(files, path) ?? ''));
    const beside = generator.beside.some((name) => files.exists(name) || files.list(name).length > 0);
    if (origin === undefined || !beside) continue;
    const moved = generator.moved?.exec(glance(files, origin) ?? '')?.[1]?.replace(/^\.\/|\/$/g, '');
    const folder =
      moved === undefined || moved === '' || moved.startsWith('/') || moved.split('/').includes('..')
        ? generator.folder
        : moved;
    const install = generator.install(files);
    return {
      ...nothing,
      kind: { value: `${generator.name} site`, origin },
      tools: generator.tools.map((name): Tool => ({ name, wanted: null, origin })),
      install:
        install === null
          ? null
          : { value: install, origin: firstOf(files, ['Gemfile.lock', 'Gemfile', 'requirements.txt']) ?? origin },
      build: { value: generator.build(files), origin },
      start: { kind: 'static', folder, origin },
    };
  }
  return null;
}

const folders = ['.', 'public', 'dist', 'site', 'www', 'htdocs'];

/** A folder with pages as they are. */
export const plain: Ecosystem = ({ files }) => {
  const folder = folders.find((each) => files.exists(each === '.' ? 'index.html' : `${each}/index.html`));
  if (folder === undefined) return null;
  const origin = folder === '.' ? 'index.html' : `${folder}/index.html`;
  return { ...nothing, kind: { value: 'Static site', origin }, start: { kind: 'static', folder, origin } };
};
