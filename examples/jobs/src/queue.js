import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Shared by the web process and its workers; one for each environment, so that staging never does production's work. */
export const folder = process.env.JOBS_FOLDER ?? join(tmpdir(), 'jobs', process.env.TOWPATH_TARGET ?? 'local');

/**
 * A queue of jobs in a folder: a job is a file that moves from waiting/ over working/ to done/. A rename happens once, so that two
 * workers never take the same job.
 */
export async function openQueue(at = folder) {
  const path = (state, name = '') => join(at, state, name);
  await Promise.all(['new', 'waiting', 'working', 'done'].map((state) => mkdir(path(state), { recursive: true })));

  async function put(state, id, job) {
    // Written aside and renamed: nobody ever reads half a job.
    const part = `${id}-${randomUUID()}`;
    await writeFile(path('new', part), JSON.stringify(job));
    await rename(path('new', part), path(state, id));
  }

  return {
    /** Answers with the id of the new job. */
    async add(job) {
      const id = randomUUID();
      await put('waiting', id, job);
      return id;
    },

    /** A job that nobody else has: `{ id, job }`, or null when there is none. */
    async take() {
      for (const id of await readdir(path('waiting'))) {
        const taken = await rename(path('waiting', id), path('working', id)).then(
          () => true,
          (error) => {
            if (error.code === 'ENOENT') return false;
            throw error;
          },
        );
        if (taken) return { id, job: JSON.parse(await readFile(path('working', id), 'utf8')) };
      }
      return null;
    },

    async finish(id, result) {
      await put('done', id, result);
      await rm(path('working', id));
    },

    /** `{ state, result }`, where only what is done has a result; null for a job that is not known. */
    async look(id) {
      for (const state of ['done', 'working', 'waiting']) {
        const names = await readdir(path(state));
        if (!names.includes(id)) continue;
        return state === 'done' ? { state, result: JSON.parse(await readFile(path(state, id), 'utf8')) } : { state };
      }
      return null;
    },
  };
}
