import { TowpathError } from '@towpath/contract';
import { freshFiles } from '../artifacts/fresh-files.ts';
import { junitPlaces, readJunit } from '../domain/reports/junit.ts';
import { OutputReader } from '../domain/reports/read.ts';
import { sum, type TestReport, within } from '../domain/reports/report.ts';
import type { Attempt } from './act.ts';

/**
 * What the tests of an attempt said: in what they printed, else in the JUnit documents that they wrote meanwhile. Null when nothing of it
 * is known; a document that cannot be read counts as none, since the command's exit decides.
 */
export async function readTestReport(attempt: Attempt, folder: string): Promise<TestReport | null> {
  const printed = await readOutput(attempt);
  const found = printed ?? (await readDocuments(attempt, folder));
  return found === null ? null : within(folder, found);
}

async function readOutput({ act, key }: Attempt): Promise<TestReport | null> {
  const reader = new OutputReader();
  const decoder = new TextDecoder();
  for await (const bytes of act.house.executor.logs(key, 0)) reader.push(decoder.decode(bytes, { stream: true }));
  return reader.end();
}

async function readDocuments({ act, startedAt }: Attempt, folder: string): Promise<TestReport | null> {
  const view = act.house.view(folder);
  const reports = (await freshFiles(folder, junitPlaces, startedAt)).flatMap((file) => {
    try {
      return [readJunit(view.read(file) ?? '', file)];
    } catch (error) {
      if (error instanceof TowpathError) return [];
      throw error;
    }
  });
  return sum(reports);
}
