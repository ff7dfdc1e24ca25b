import { TowpathError } from '@towpath/contract';

/** What `git http-backend` is told of a request, beside git's own environment. */
export interface CgiRequest {
  /** Absolute folder of the mirrors. */
  readonly root: string;
  /** `/<project>/<service>.git/<endpoint>` */
  readonly path: string;
  readonly method: string;
  readonly query: string;
  readonly actor: string;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly protocol: string | undefined;
}

/** CONTENT_LENGTH is left out: the body ends where its stream ends, and git then reads it without a copy in between. */
export function cgiEnvironment(request: CgiRequest): Record<string, string> {
  return {
    GIT_PROJECT_ROOT: request.root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: request.path,
    REQUEST_METHOD: request.method,
    QUERY_STRING: request.query,
    REMOTE_USER: request.actor.replaceAll(/[^\w.@-]/g, '_'),
    ...(request.contentType === undefined ? {} : { CONTENT_TYPE: request.contentType }),
    ...(request.contentEncoding === undefined ? {} : { HTTP_CONTENT_ENCODING: request.contentEncoding }),
    // Versions of git before 2.34 leave the header to the server.
    ...(/^version=[0-2]$/.test(request.protocol ?? '') ? { GIT_PROTOCOL: request.protocol ?? '' } : {}),
  };
}

export interface CgiHead {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What came of the body with the last piece of the head. */
  readonly rest: Buffer;
}

const maxHead = 16_384;

/** Gathers the head of a CGI answer: give it each piece until it gives the head back. Throws `internal` for what is none. */
export function cgiHeadReader(): (piece: Buffer) => CgiHead | null {
  let seen = Buffer.alloc(0);
  return (piece) => {
    seen = Buffer.concat([seen, piece]);
    const end = /\r?\n\r?\n/.exec(seen.subarray(0, maxHead).toString('latin1'));
    if (end === null) {
      if (seen.length >= maxHead) throw new TowpathError('internal', 'git http-backend gave no head');
      return null;
    }
    return {
      ...parseHead(seen.subarray(0, end.index).toString('latin1')),
      rest: seen.subarray(end.index + end[0].length),
    };
  };
}

function parseHead(text: string): { status: number; headers: [string, string][] } {
  const headers: [string, string][] = [];
  let status = 200;
  for (const line of text.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === '') throw new TowpathError('internal', `git http-backend gave no header but ${JSON.stringify(line)}`);
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else headers.push([name, value]);
  }
  return { status, headers };
}
