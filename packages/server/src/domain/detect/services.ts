import { isCode } from '@towpath/contract';
import { type FileView, foldersBelow } from './files.ts';
import type { Detected, Found } from './found.ts';
import { workspacesOf } from './workspaces.ts';

/** A folder that can be a service of its own. */
export interface Offer {
  /** From the top of the repository; `.` for the top. */
  readonly folder: string;
  readonly kind: Found;
  /** Why it is looked at: the workspace that it is a member of, or what its kind was seen by. */
  readonly origin: string;
}

/** What is seen in one folder; `certain`: an application, even where its start is not known. */
export interface Seen {
  readonly found: Detected;
  readonly certain: boolean;
}
type Look = (repository: FileView, folder: string) => Seen;

/** Folders without any of these hold no service; one look tells. */
const marks =
  /^(package\.json|go\.mod|Cargo\.toml|pom\.xml|build\.gradle(\.kts)?|pyproject\.toml|requirements\.txt|Pipfile|setup\.py|manage\.py|(main|app|server|wsgi)\.py|Gemfile|config\.ru|composer\.json|artisan|mix\.exs|deno\.jsonc?|.*\.[cfv][sb]proj|Procfile|index\.html|hugo\.(toml|ya?ml|json)|config\.(toml|yaml)|_config\.ya?ml|mkdocs\.ya?ml|book\.toml)$/;

/**
 * The services of a repository: members of its workspaces, and folders down to three levels, that have something to start. Libraries
 * are left out, as are folders of dependencies, of what a build makes, and of examples and test data.
 */
export function servicesIn(files: FileView, look: Look): Offer[] {
  const members = new Map(
    workspacesOf(files).flatMap(({ members, origin }) => members.map((folder) => [folder, origin] as const)),
  );
  const folders = new Set([...foldersBelow(files, '.', 3), ...members.keys()]);
  const offers: Offer[] = [];
  for (const folder of [...folders].sort()) {
    if (!files.list(folder).some((name) => marks.test(name))) continue;
    const seen = attempt(() => look(files, folder));
    if (seen === null || seen.found.kind === null) continue;
    const { found, certain } = seen;
    const { kind } = seen.found;
    const starts = certain || found.start !== null || found.processes.length > 0;
    // Pages below a service are its own, as public/ is.
    const inside = offers.some((each) => each.folder === '.' || folder.startsWith(`${each.folder}/`));
    if (!starts || (inside && kind.value === 'Static site')) continue;
    offers.push({ folder, kind, origin: members.get(folder) ?? kind.origin });
  }
  return offers;
}

/** A folder whose manifest cannot be read offers nothing; it says so when it is made a service. */
function attempt(find: () => Seen): Seen | null {
  try {
    return find();
  } catch (error) {
    if (isCode(error, 'unreadable_manifest') || isCode(error, 'too_large')) return null;
    throw error;
  }
}
