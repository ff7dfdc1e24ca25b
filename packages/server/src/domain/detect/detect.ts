import type { Start } from '../path/settings.ts';
import { expected } from './environment.ts';
import { below, type FileView, join, remembered } from './files.ts';
import {
  type Detected,
  type Ecosystem,
  type Findings,
  type Found,
  listed,
  type Notice,
  nothing,
  type Place,
} from './found.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { fixedPort, healthIn } from './listening.ts';
import { node } from './node/node.ts';
import { notFetched } from './not-fetched.ts';
import { noticed } from './noticed.ts';
import { type Other, others } from './others.ts';
import { readProcfile } from './procfile.ts';
import { python } from './python/python.ts';
import { rust } from './rust.ts';
import { type Offer, type Seen, servicesIn } from './services.ts';
import { documents, generated, plain } from './sites.ts';

/**
 * In the order in which they are believed: what runs on servers only comes before what also makes pages for a service in another
 * language. The first that knows a start, or is an application for certain, is taken; else the first that answers.
 */
const languages: readonly Ecosystem[] = [...noticed, java, go, rust, python, node];
/** Taken where no language has a start; the later ones only where there is no language but Node's, whose packages often hold tools alone. */
const sites: readonly Ecosystem[] = [generated];
const lastSites: readonly Ecosystem[] = [documents, plain];

/**
 * What the files of a commit say of the service in `folder` (from the top of the repository; `.` for the whole). Knows nothing of
 * settings. Throws `unreadable_manifest` for a manifest that its own tool could not read either, and `too_large` as the view does.
 */
export function detect(repository: FileView, folder = '.'): Detected {
  const seen = remembered(repository);
  const { found } = look(seen, folder);
  if (found.start !== null || found.processes.length > 0) return found;
  const inside = servicesIn(below(seen, folder), look).filter((each) => each.folder !== '.');
  if (inside.length === 0) return found;
  const folders = inside.map((each) => join(folder, each.folder));
  const text = `Which folder is the service? There are services in ${listed(folders.slice(0, maxOffered))}${folders.length > maxOffered ? ` and ${folders.length - maxOffered} more` : ''}`;
  return { ...found, question: { setting: 'folder', text } };
}

/** The services that a repository offers, by folder: see servicesIn. Throws as `detect` does, for the manifests at the top. */
export function findServices(repository: FileView): Offer[] {
  return servicesIn(remembered(repository), look);
}

/** As many folders as a question can name. */
const maxOffered = 12;

/** The same without those below. */
function look(repository: FileView, folder: string): Seen {
  const files = below(repository, folder);
  const place: Place = { repository, folder, files };
  const { candidates, known } = candidatesOf(place);
  const findings: Omit<Findings, 'kind'> = known ?? nothing;
  const besides = others.flatMap((read) => read(files) ?? []);
  const procfile = readProcfile(files);
  const start = procfile.start ?? findings.start;
  const served = start === null || start.kind === 'static' ? null : start;
  const port = fixedPort(files, findings.sources, served);
  const found: Detected = {
    kind: kindOf(known, besides, start, procfile.start !== null || procfile.processes.length > 0),
    tools: findings.tools,
    install: findings.install,
    quality: findings.quality,
    test: findings.test,
    build: findings.build,
    release: procfile.release,
    start,
    processes: procfile.processes,
    health: start?.kind === 'static' ? null : healthOf(files, findings, besides),
    cache: findings.cache,
    path: findings.path,
    notices: [
      ...(procfile.start === null
        ? findings.notices
        : findings.notices.filter((each) => !aboutStart(each, findings.start))),
      ...(procfile.release === null ? findings.migrations : []),
      ...procfile.notices,
      ...(port === null ? [] : [port]),
      ...expected(files),
      ...unused(known, candidates),
      ...besides.flatMap((each) => each.notices),
      ...notFetched(repository),
    ],
    question: start !== null || procfile.processes.length > 0 ? null : ask(findings, besides),
  };
  return { found, certain: known?.certain === true };
}

function candidatesOf(place: Place): { candidates: readonly Findings[]; known: Findings | null } {
  const found = languages.flatMap((ecosystem) => {
    const findings = ecosystem(place);
    return findings === null ? [] : [{ ecosystem, findings }];
  });
  const candidates = found.map((each) => each.findings);
  const known = candidates.find((each) => each.start !== null || each.certain);
  if (known !== undefined) return { candidates, known };
  const [first = null] = candidates;
  const site = sites.flatMap((ecosystem) => ecosystem(place) ?? [])[0];
  if (site !== undefined) return { candidates, known: site };
  const last = found.every((each) => each.ecosystem === node) ? lastSites : [];
  const pages = last.flatMap((ecosystem) => ecosystem(place) ?? [])[0];
  if (pages === undefined || first === null) return { candidates, known: pages ?? first };
  if (first.quality.length === 0 && first.test === null) return { candidates, known: pages };
  return { candidates: [], known: checkedBy(pages, first) };
}

/** Pages with the checks of the package that lies beside them: its tools are there for nothing else. */
function checkedBy(pages: Findings, { tools, install, quality, test, cache, path, notices }: Findings): Findings {
  return { ...pages, tools, install, quality, test, cache, path, notices: [...pages.notices, ...notices] };
}

/** What is said of a start that a Procfile replaces. */
function aboutStart(notice: Notice, start: Start | null): boolean {
  return start !== null && notice.origin === start.origin;
}

function kindOf(
  known: Findings | null,
  besides: readonly Other[],
  start: Start | null,
  procfile: boolean,
): Found | null {
  const whole = besides.find((each) => each.kind !== null)?.kind ?? null;
  if (known === null) return whole ?? (procfile ? { value: 'Commands of a Procfile', origin: 'Procfile' } : null);
  if (start !== null || whole === null || !/ app$/.test(whole.value)) return known.kind;
  return { value: `${whole.value} on ${known.kind.value}`, origin: whole.origin };
}

function healthOf(files: FileView, findings: Omit<Findings, 'kind'>, besides: readonly Other[]): Found | null {
  const stated = besides.find((each) => each.health !== null)?.health ?? null;
  const told = stated?.origin.startsWith('app.json') ? stated : null;
  return told ?? healthIn(files, findings.sources) ?? findings.health ?? stated;
}

function ask(findings: Omit<Findings, 'kind'>, besides: readonly Other[]): Detected['question'] {
  const texts = besides.flatMap((each) => (each.ask === null ? [] : [each.ask]));
  const cloud = besides.find((each) => / app$/.test(each.kind?.value ?? ''))?.ask;
  const text =
    cloud ?? findings.ask ?? texts[0] ?? 'Which command starts the service? Nothing was recognised in its folder';
  return { setting: 'start', text };
}

/** Other parts of the service that have something to install or build, and are left alone. */
function unused(known: Findings | null, candidates: readonly Findings[]): Notice[] {
  return candidates
    .filter((each) => each !== known && (each.install !== null || each.build !== null) && each.start?.kind !== 'static')
    .map((each) => ({
      text: `${each.kind.value} is there too (${each.kind.origin}), and is neither installed nor built`,
      origin: each.kind.origin,
      help: `If the service needs it, put it before the build: ${[each.install?.value, each.build?.value].filter((one) => one !== undefined).join(' && ')}.`,
    }));
}
