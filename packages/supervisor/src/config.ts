import { readFileSync } from 'node:fs';
import { TowpathError } from '@towpath/contract';
import { ProcessSpec } from '@towpath/contract/supervisor';
import { z } from 'zod';

/** When a system process is ready for those that come after it: the unix socket accepts connections, or the file exists. */
const Ready = z.union([
  z.strictObject({ socket: z.string().startsWith('/') }),
  z.strictObject({ file: z.string().startsWith('/') }),
]);
export type Ready = z.infer<typeof Ready>;

const SystemProcess = z.strictObject({
  /** Its key is `system/<name>`: postgres, router, server-1, server-2, … */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be lower-case letters, digits and -'),
  /** Names that come before it in the file: it starts when they are ready, and is stopped before them. */
  after: z.array(z.string()).default([]),
  /** Always a service of the owner `system`. */
  spec: ProcessSpec.omit({ mode: true, owner: true, timeoutMs: true }),
  ready: Ready.optional(),
  /** Whoever comes after it starts then even if it is not ready. */
  readyTimeoutMs: z.int().positive().default(10_000),
});
export type SystemProcess = z.infer<typeof SystemProcess>;

/**
 * The supervisor's configuration, a JSON file of mode 0600 (specs may hold secrets). `towpath up` writes it: to a temporary name,
 * then renamed, because the supervisor reads it again when it is restarted and at POST /system/:name/restart.
 */
export const SupervisorConfig = z
  .strictObject({
    /** Where it answers. A unix socket's path must be short: 107 bytes on Linux, 103 on macOS. */
    socket: z.string().startsWith('/'),
    /** Its own folder: processes, epochs, lock, log. One supervisor at a time. */
    dataDir: z.string().startsWith('/'),
    /** In the order of their start; stopped in the opposite order. */
    system: z.array(SystemProcess).default([]),
  })
  .superRefine(({ socket, system }, context) => {
    const most = process.platform === 'darwin' ? 103 : 107;
    const bytes = Buffer.byteLength(socket);
    if (bytes > most) {
      const message = `is ${bytes} bytes long; a unix socket's path may have ${most}: choose a shorter one`;
      context.addIssue({ code: 'custom', path: ['socket'], message });
    }
    const before = new Set<string>();
    for (const [index, { name, after }] of system.entries()) {
      if (before.has(name))
        context.addIssue({ code: 'custom', path: ['system', index, 'name'], message: `${name} is there twice` });
      for (const [place, other] of after.entries()) {
        if (before.has(other)) continue;
        context.addIssue({
          code: 'custom',
          path: ['system', index, 'after', place],
          message: `${other} does not come before ${name}`,
        });
      }
      before.add(name);
    }
  });
export type SupervisorConfig = z.infer<typeof SupervisorConfig>;
/** What the writer of the file hands in: defaults may be left out. */
export type SupervisorConfigInput = z.input<typeof SupervisorConfig>;

/** Reads and checks the file. Throws bad_request naming the field, never its value: specs may hold secrets. */
export function readConfig(path: string): SupervisorConfig {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why =
      error instanceof SyntaxError
        ? 'is not JSON'
        : `cannot be read: ${error instanceof Error ? error.message : error}`;
    throw new TowpathError('bad_request', `the supervisor's configuration ${path} ${why}`);
  }
  const parsed = SupervisorConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  throw new TowpathError('bad_request', `the supervisor's configuration ${path}: ${issues.join('; ')}`);
}
