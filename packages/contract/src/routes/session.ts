import { z } from 'zod';
import type { RouteSpec } from './route.ts';

/** Who is logged in. */
export const SessionView = z.object({
  /** The token's name, as the audit shows it. */
  name: z.string(),
  role: z.string(),
});
export type SessionView = z.infer<typeof SessionView>;

const secret = z.string().min(1).max(500);

export const sessionRoutes = {
  logIn: {
    method: 'POST',
    path: '/api/session',
    policy: 'public',
    summary:
      'Logs a browser in, with a token or a code that is good once: sets the cookie `towpath_session`, which acts for the token.',
    body: z.union([z.strictObject({ token: secret }), z.strictObject({ code: secret })]),
    answer: SessionView,
  },
  getSession: {
    method: 'GET',
    path: '/api/session',
    policy: 'read',
    summary: 'Who asks.',
    answer: SessionView,
  },
  logOut: {
    method: 'DELETE',
    path: '/api/session',
    policy: 'public',
    summary: 'Ends the session of the cookie; without one nothing happens.',
    answer: z.object({ ended: z.boolean() }),
  },
  makeCode: {
    method: 'POST',
    path: '/api/session/codes',
    policy: 'session.code',
    summary: 'A code with which a browser is logged in as the caller, once, within a minute.',
    body: z.object({}),
    answer: z.object({ code: z.string(), expiresAt: z.iso.datetime(), url: z.url() }),
  },
} as const satisfies Record<string, RouteSpec>;
