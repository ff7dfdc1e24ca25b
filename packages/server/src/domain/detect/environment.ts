import { type FileView, glance } from './files.ts';
import { listed, type Notice } from './found.ts';

const examples = ['.env.example', '.env.sample', '.env.template', '.env.dist', 'env.example', 'example.env'];
const forTests = ['.env.test', '.env.test.example', '.env.testing'];
/** Given by the platform or by every tool of the language. */
const given = new Set(['PORT', 'HOST', 'NODE_ENV', 'CI', 'RAILS_ENV', 'RACK_ENV', 'APP_ENV', 'PATH', 'HOME']);
const maxNames = 20;

/** The variables that the service, or its tests, are told to expect. */
export function expected(files: FileView): Notice[] {
  return [
    ...first(files, examples, (names) => ({
      text: `It expects environment variables: ${names}`,
      help: 'Set those that have no default in the code, for each environment, before the first deployment.',
    })),
    ...first(files, forTests, (names) => ({
      text: `Its tests expect environment variables: ${names}`,
      help: 'The test stage reads no file: let the tests read it themselves, or give the variables in the test command.',
    })),
  ];
}

function first(files: FileView, paths: readonly string[], say: (names: string) => Omit<Notice, 'origin'>): Notice[] {
  for (const path of paths) {
    const names = [...new Set(namesIn(glance(files, path) ?? ''))].filter((name) => !given.has(name));
    if (names.length === 0) continue;
    const shown = names.slice(0, maxNames);
    const more = names.length - shown.length;
    return [{ ...say(more > 0 ? `${shown.join(', ')} and ${more} more` : listed(shown)), origin: path }];
  }
  return [];
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w{0,80})[ \t]*=/gm)].map((found) => found[1] ?? '');
}
