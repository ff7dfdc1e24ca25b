import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Client } from '@towpath/client';
import type { DetectAnswer, FoundView } from '@towpath/contract';
import { filesOf } from './repository.ts';

const maxNames = 20_000;
/** Of all names, so that they fit into a call beside the texts. */
const maxNameLetters = 1_500_000;
const maxTexts = 200;
/** Of all texts together. */
const maxBytes = 1_048_576;
const maxRounds = 5;

/** Not sent, whoever asks: what people keep secrets in. Examples of it are no secret. */
const secret = /(^|\/)(\.env(\..+)?|\.npmrc|\.netrc|id_[a-z0-9]+|.+\.(pem|key|p12|pfx))$/i;
const example = /\.(example|sample|template|dist|test|testing)$|\.test\.example$/i;

/**
 * What is found in the files of a repository that was not pushed yet. Sends their names, then those texts that detection asks for; null
 * when there is no file.
 */
export async function lookAt(client: Client, top: string, folder: string): Promise<FoundView | null> {
  const names = boundedNames(filesOf(top));
  if (names.length === 0) return null;
  const known = new Set(names);
  const texts: Record<string, string | null> = {};
  let left = maxBytes;
  let more = true;
  for (let round = 1; ; round++) {
    const final = round >= maxRounds || !more;
    const answer: DetectAnswer = await client.call('detect', { body: { names, texts, folder, final } });
    if (answer.found !== null || final) return answer.found;
    const asked = answer.need.filter((path) => !Object.hasOwn(texts, path));
    for (const path of asked.slice(0, maxTexts - Object.keys(texts).length)) {
      const text = known.has(path) ? textOf(top, path, left) : null;
      texts[path] = text;
      left -= Buffer.byteLength(text ?? '');
    }
    more = asked.length > 0;
  }
}

function boundedNames(names: readonly string[]): string[] {
  const kept: string[] = [];
  let letters = 0;
  for (const name of names) {
    letters += name.length;
    if (kept.length === maxNames || letters > maxNameLetters) break;
    if (name.length <= 1_000) kept.push(name);
  }
  return kept;
}

/** The text of a plain file inside the repository; null for everything else: links, binaries, secrets, what is too large. */
export function textOf(top: string, path: string, maxLength: number): string | null {
  if (secret.test(path) && !example.test(path)) return null;
  try {
    const full = join(top, path);
    const found = lstatSync(full);
    if (!found.isFile() || found.size > maxLength || !realpathSync(full).startsWith(realpathSync(top) + sep))
      return null;
    const text = readFileSync(full, 'utf8');
    return text.includes('\0') || Buffer.byteLength(text) > maxLength ? null : text;
  } catch {
    return null; // deleted, or not ours to read
  }
}
