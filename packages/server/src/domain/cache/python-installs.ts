import type { Kind } from './kind.ts';

/** As detection puts it, with files at the top of the folder. */
const command = /^python3? -m venv \.venv && \.venv\/bin\/python -m pip install(?: -r \w[\w.-]*)+$/;

/** `name[extra]==1.2.3; marker --hash=sha256:…`: one version and no other. */
const pinned =
  /^([A-Za-z0-9][\w.-]*)[ \t]*(?:\[[\w., -]*\])?[ \t]*==[ \t]*[\w.!+-]+[ \t]*(?:;[^#]*?)?(?:[ \t]+--hash=\w+:[0-9a-f]+)*$/;
const included = /^(?:-r|--requirement)[ \t=]+(\w[\w.-]*)$/;

/** In characters, hashes included; the files are hostile, and the patterns are not made for more. */
const longest = 10_000;

/** `.project` is Pipenv's, and from `.pth` on Poetry's, for the project's own package. Compiled files hold it, too: Python mends that as it loads them. */
export const pythonHolders =
  /^(?:pyvenv\.cfg|\.project|bin\/[^/]+|lib\/[^/]+\/site-packages\/(?:[^/]+\.pth|[^/]+\.dist-info\/(?:direct_url\.json|RECORD)))$/;

/** What is in every virtual environment. */
export const ownPackages: readonly string[] = ['pip', 'setuptools', 'wheel'];

/**
 * pip into a virtual environment, from files that pin. Whether they name every package that it installs, none of them tells: that is seen
 * when the folder is to be kept.
 */
export const pip: Kind = {
  command,
  read: (text, typed) => {
    const files = requirementFiles(typed);
    const [lockfile = ''] = files;
    const names = new Set(ownPackages);
    for (const file of files) {
      const wrong = readRequirements(text(file) ?? '', files, names);
      if (wrong !== null) return { refused: `${file}, line ${wrong}, is not of the form name==1.2.3` };
    }
    return {
      root: '.',
      folders: ['.venv'],
      linked: [],
      lockfile,
      programs: ['python3'],
      last: null,
      holders: pythonHolders,
      // To its Python.
      linksOut: true,
      only: [...names],
      inputs: files.flatMap((file) => [file, text(file) ?? '']),
    };
  },
};

function requirementFiles(typed: string): string[] {
  return [...typed.matchAll(/ -r (\w[\w.-]*)/g)].map((found) => found[1] ?? '');
}

/** Adds the packages; null, or the number of the first line that is something else. */
function readRequirements(text: string, files: readonly string[], names: Set<string>): number | null {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    let line = lines[at] ?? '';
    for (; line.endsWith('\\') && at + 1 < lines.length && line.length <= longest; at++)
      line = `${line.slice(0, -1)} ${lines[at + 1]}`;
    if (line.length > longest) return first + 1;
    const said = line.replace(/(?:^|\s)#.*$/, '').trim();
    if (said === '') continue;
    const name = pinned.exec(said)?.[1];
    if (name !== undefined) names.add(normalName(name));
    else if (!files.includes(included.exec(said)?.[1] ?? '')) return first + 1;
  }
  return null;
}

/** As package indexes compare names: https://packaging.python.org/en/latest/specifications/name-normalization/ */
export const normalName = (name: string): string => name.replaceAll(/[-_.]+/g, '-').toLowerCase();
