/** Languages that are recognised but whose commands are not found: the owner gives them, or a Procfile does. */
import { type FileView, glance, namesIn } from './files.ts';
import { type Ecosystem, type Findings, nothing, type Tool, versioned } from './found.ts';

interface Language {
  readonly name: string;
  readonly marks: RegExp;
  readonly tools: readonly string[];
  /** Where the version of the first tool is written; the group is the version. */
  readonly versions: readonly (readonly [string, RegExp])[];
  /** Its frameworks, by a file and what is in it; an application for certain. */
  readonly frameworks: readonly (readonly [string, string, RegExp])[];
  readonly install: string;
  readonly test: string;
  readonly start: string;
}

const languages: readonly Language[] = [
  {
    name: 'Ruby',
    marks: /^(Gemfile|config\.ru)$/,
    tools: ['ruby', 'bundler'],
    versions: [
      ['.ruby-version', /^\s*(?:ruby-)?([\d.]{1,20})/],
      ['Gemfile', /^[ \t]*ruby\s+["']([^"'\n]{1,40})["']/m],
    ],
    frameworks: [
      ['Rails', 'config/application.rb', /Rails/],
      ['Rack', 'config.ru', /./],
    ],
    install: 'bundle install',
    test: 'bundle exec rake test',
    start: 'bundle exec puma -b tcp://0.0.0.0:$PORT',
  },
  {
    name: 'PHP',
    marks: /^(composer\.json|index\.php|artisan)$/,
    tools: ['php', 'composer'],
    versions: [['composer.json', /"php"\s*:\s*"([^"\n]{1,40})"/]],
    frameworks: [
      ['Laravel', 'artisan', /./],
      ['Symfony', 'bin/console', /./],
      ['PHP pages', 'public/index.php', /./],
      ['PHP pages', 'index.php', /./],
    ],
    install: 'composer install --no-interaction',
    test: 'vendor/bin/phpunit',
    start: 'php -S 0.0.0.0:$PORT -t public',
  },
  {
    name: 'Elixir',
    marks: /^mix\.exs$/,
    tools: ['elixir'],
    versions: [['mix.exs', /elixir:\s*"([^"\n]{1,40})"/]],
    frameworks: [['Phoenix', 'mix.exs', /:phoenix\b/]],
    install: 'mix deps.get',
    test: 'mix test',
    start: 'mix phx.server',
  },
  {
    name: '.NET',
    marks: /\.(cs|fs|vb)proj$|\.slnx?$/,
    tools: ['dotnet'],
    versions: [['global.json', /"version"\s*:\s*"([^"\n]{1,40})"/]],
    frameworks: [],
    install: 'dotnet restore',
    test: 'dotnet test',
    start: 'dotnet out/App.dll --urls http://0.0.0.0:$PORT',
  },
  {
    name: 'Deno',
    marks: /^deno\.jsonc?$/,
    tools: ['deno'],
    versions: [],
    frameworks: [],
    install: 'deno install',
    test: 'deno test',
    start: 'deno run --allow-net --allow-env main.ts',
  },
];

/** One ecosystem a language. */
export const noticed: readonly Ecosystem[] = languages.map(
  (language): Ecosystem =>
    ({ files }) => {
      const [mark] = namesIn(files, '.', language.marks);
      if (mark === undefined || onlyTooling(files, language)) return null;
      const framework = language.frameworks.find(([, path, text]) => text.test(glance(files, path) ?? ''));
      const tools = language.tools.map(
        (name, i): Tool => ({ name, ...(i === 0 ? versionOf(files, language, mark) : { wanted: null, origin: mark }) }),
      );
      const what = versioned(language.name, tools[0]);
      return {
        ...nothing,
        kind: { value: framework === undefined ? what : `${framework[0]} on ${what}`, origin: framework?.[1] ?? mark },
        tools,
        health: railsHealth(files),
        notices: [
          {
            text: `${language.name} was recognised, but its commands are not found by themselves`,
            origin: mark,
            help: `Give them: install \`${language.install}\`, test \`${language.test}\`, start \`${language.start}\`; or a Procfile.`,
          },
        ],
        certain: framework !== undefined,
        ask: `Which command starts the service? For ${language.name} it is often like: ${language.start}`,
      } satisfies Findings;
    },
);

function versionOf(files: FileView, { versions }: Language, mark: string): Pick<Tool, 'wanted' | 'origin'> {
  for (const [path, pattern] of versions) {
    const wanted = pattern.exec(glance(files, path) ?? '')?.[1];
    if (wanted !== undefined) return { wanted, origin: path };
  }
  return { wanted: null, origin: mark };
}

/** A Gemfile is often there for a site of Jekyll, or for the tools of phones, alone. */
function onlyTooling(files: FileView, { name }: Language): boolean {
  if (name !== 'Ruby' || files.exists('config.ru')) return false;
  return /\bgem\s+["'](jekyll|github-pages|cocoapods|fastlane)["']/.test(glance(files, 'Gemfile') ?? '');
}

function railsHealth(files: FileView): Findings['health'] {
  const routes = glance(files, 'config/routes.rb');
  const found = /get\s+["']\/?([\w/-]{1,40})["']\s*=>\s*["']rails\/health#show/.exec(routes ?? '')?.[1];
  return found === undefined ? null : { value: `/${found}`, origin: 'config/routes.rb' };
}
