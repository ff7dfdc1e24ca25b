import { TowpathError } from '@towpath/contract';
import type { CommitDescription } from '../source.ts';
import { runGit } from './git.ts';
import { type Mirrors, mirrorExists, mirrorPath } from './mirror.ts';

const fullId = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
/** Of author and subject together. */
const keepText = 8_192;
/** A file that is larger was not written by hand; nor was such a commit message. */
const keepObject = 1_048_576;

/**
 * Author, subject and some files of a commit, by one process: each costs a server of this size many milliseconds, and every run asks.
 * git's own words for a commit would need a second one.
 */
export async function describeCommit(
  mirrors: Mirrors,
  repository: string,
  commit: string,
  files: readonly string[],
): Promise<CommitDescription | null> {
  if (!fullId.test(commit)) throw new TowpathError('bad_request', `${JSON.stringify(commit)} is no full commit id`);
  if (!(await mirrorExists(mirrors, repository))) return null;
  // A line break would end the question, and nobody calls a folder so.
  const asked = files.filter((file) => !file.includes('\n'));
  const argv = [`--git-dir=${mirrorPath(mirrors, repository)}`, 'cat-file', '--batch'];
  const { out } = await runGit(mirrors.git, argv, {
    input: [commit, ...asked.map((file) => `${commit}:${file}`)].map((line) => `${line}\n`).join(''),
    keepBytes: keepObject * (1 + asked.length),
    endWhenFull: true,
  });
  const [described, ...blobs] = readObjects(out);
  if (described?.type !== 'commit') return null;
  const { author, subject } = parseCommit(described.content);
  const [cutAuthor, cutSubject] = cut(author, subject);
  const found = asked.flatMap((file, index) => {
    const blob = blobs[index];
    return blob?.type === 'blob' && blob.content.length <= keepObject ? [[file, blob.content.toString()] as const] : [];
  });
  return { message: cutSubject, author: cutAuthor, files: new Map(found) };
}

interface GitObject {
  /** Of an object that there is not: null. */
  readonly type: string | null;
  readonly content: Buffer;
}

/** What `cat-file --batch` prints: `<id> <type> <size>`, the content, a line break; or `<what was asked> missing`. Cut output gives less. */
export function readObjects(output: Buffer): GitObject[] {
  const objects: GitObject[] = [];
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf('\n', at);
    if (end < 0) break;
    const [, type = '', bytes = ''] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(output.toString('latin1', at, end)) ?? [];
    if (type === '') {
      objects.push({ type: null, content: Buffer.alloc(0) });
      at = end + 1;
      continue;
    }
    const from = end + 1;
    const to = from + Number(bytes);
    if (to > output.length) break;
    objects.push({ type, content: output.subarray(from, to) });
    at = to + 1;
  }
  return objects;
}

/** A commit as git stores it: headers, an empty line, the message. Its text is UTF-8 unless a header says otherwise. */
export function parseCommit(raw: Buffer): { author: string; subject: string } {
  const latin = raw.toString('latin1');
  const end = latin.indexOf('\n\n');
  const headers = end < 0 ? latin : latin.slice(0, end);
  const decode = decoderOf(/^encoding (\S+)$/m.exec(headers)?.[1]);
  const text = decode(raw);
  const author = /^author ([^\n]*?) ?<[^\n]*$/m.exec(text)?.[1] ?? '';
  const message = text.slice(text.indexOf('\n\n') + 2).replace(/^\s*\n/, '');
  const [paragraph = ''] = end < 0 ? [] : message.split(/\n[ \t\r]*\n/, 1);
  const lines = paragraph.split('\n').map((line) => line.trim());
  return { author, subject: lines.join(' ').trim() };
}

function decoderOf(encoding = 'utf-8'): (bytes: Buffer) => string {
  try {
    const decoder = new TextDecoder(encoding);
    return (bytes) => decoder.decode(bytes);
  } catch {
    return (bytes) => bytes.toString();
  }
}

/** Both at most as long as is kept, the author first. */
function cut(author: string, subject: string): [string, string] {
  const kept = Buffer.from(author).subarray(0, keepText);
  const rest = Buffer.from(subject).subarray(0, keepText - kept.length);
  // A character that was cut in two is left out.
  const whole = (bytes: Buffer) => bytes.toString().replace(/\ufffd$/, '');
  return [whole(kept), whole(rest)];
}
