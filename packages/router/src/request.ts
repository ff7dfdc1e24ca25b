import type { IncomingMessage } from 'node:http';
import { hasOption, isHopByHop, nominated } from './upstream/fields.ts';

/** A user's request as it goes to a replica. */
export interface RequestHead {
  /** Request line, header and empty line, in latin1. */
  readonly text: string;
  readonly body: 'none' | 'sized' | 'chunked';
}

/** Why a request is refused before any replica hears of it. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

export interface HeadOptions {
  /** The client waits for "100 Continue", and so the replica is asked for it. */
  readonly expectContinue: boolean;
  /** The request asks to switch protocols. */
  readonly upgrade: boolean;
}

/** Spoofable statements about the client; also with "_", which some gateways take for "-". */
const statement = /^(?:x[-_]forwarded[-_].*|x[-_]real[-_]ip|forwarded)$/;

function isStatement(lower: string): boolean {
  const first = lower.charCodeAt(0);
  return (first === 0x78 || first === 0x66) && statement.test(lower);
}

/** The client's address without the IPv4-in-IPv6 prefix of a dual-stack socket. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/**
 * Composes the head that a replica gets: hop-by-hop fields and what the client claims about itself removed, X-Forwarded-* set, the rest
 * as it came, Host included. `target` is in origin form. Pure but for the socket's address.
 */
export function requestHead(request: IncomingMessage, target: string, options: HeadOptions): RequestHead | Refusal {
  const raw = request.rawHeaders;
  const dropped = nominated(request.headers.connection);
  let text = `${request.method} ${target} HTTP/1.1\r\n`;
  let body: RequestHead['body'] = 'none';
  let host: string | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'host') {
      if (host !== null) return { status: 400, message: 'The request has more than one Host header.' };
      host = value;
    } else if (lower === 'content-length') {
      if (value !== '0') body = 'sized';
    } else if (lower === 'transfer-encoding') {
      if (value.toLowerCase() !== 'chunked')
        return { status: 501, message: 'No other Transfer-Encoding than chunked is understood.' };
      body = 'chunked';
      continue;
    } else if (lower === 'expect') {
      if (!options.expectContinue) continue;
    } else if (isHopByHop(lower) || isStatement(lower) || (dropped.length > 0 && dropped.includes(lower))) continue;
    text += `${name}: ${value}\r\n`;
  }
  if (body === 'chunked') {
    text += 'Transfer-Encoding: chunked\r\n';
    const trailer = request.headers.trailer;
    if (trailer !== undefined) text += `Trailer: ${trailer}\r\n`;
  }
  if (options.upgrade) text += `Connection: Upgrade\r\nUpgrade: ${request.headers.upgrade ?? ''}\r\n`;
  text += `X-Forwarded-For: ${plainAddress(request.socket.remoteAddress)}\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: ${host ?? ''}\r\n\r\n`;
  return { text, body };
}

/**
 * Whether an Upgrade header is followed. HTTP/2 over clear text (h2c) is declined, as the RFC allows: its requests would bypass every rule
 * of this router. A request with a body cannot switch: where the body ends is not the other protocol's business.
 */
export function followsUpgrade(request: IncomingMessage): boolean {
  const { headers } = request;
  if (hasOption(headers.upgrade, 'h2c') || headers['transfer-encoding'] !== undefined) return false;
  return headers['content-length'] === undefined || headers['content-length'] === '0';
}
