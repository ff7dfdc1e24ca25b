const hostPattern = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/**
 * The host name that a Host header asks for: lower case, without port. Null when it is not a host name at all;
 * such a request is refused, so that no service ever sees it.
 */
export function hostName(header: string | undefined): string | null {
  if (header === undefined || header.length > 260) return null;
  const lower = header.toLowerCase();
  if (!hostPattern.test(lower)) return null;
  const colon = lower.charCodeAt(0) === 0x5b ? lower.indexOf(':', lower.indexOf(']')) : lower.indexOf(':');
  return colon < 0 ? lower : lower.slice(0, colon);
}

const absoluteForm = /^http:\/\/([^/?#]*)([/?].*)?$/i;

/**
 * The target to ask a replica for. A request in absolute form (`GET http://name/path`) must name the same host as its Host
 * header, else the two could be routed apart. Null when the target is not one that a service can be asked for.
 */
export function originForm(method: string, target: string, hostHeader: string): string | null {
  if (target.charCodeAt(0) === 0x2f) return target;
  if (target === '*') return method === 'OPTIONS' ? target : null;
  const absolute = absoluteForm.exec(target);
  if (absolute === null || absolute[1]?.toLowerCase() !== hostHeader.toLowerCase()) return null;
  const path = absolute[2] ?? '/';
  return path.startsWith('/') ? path : `/${path}`;
}
