import { hasOption, isHopByHop, nominated } from './fields.ts';

/** The head of a final answer, ready to be passed on. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** End-to-end fields as name, value, name, value … in their order and spelling. */
  readonly headers: string[];
  /** The names of the trailers that may follow; passed on only where the client's side is chunked too. */
  readonly trailer: string | null;
  /** The body's end is known before its last byte: its length, or that there is none. False: chunked, or until the connection closes. */
  readonly sized: boolean;
  /** The replica will take another request on this connection. */
  readonly keepAlive: boolean;
  /** How long the replica keeps the connection open when idle, where it says so. */
  readonly keepAliveMs: number | null;
}

/** The replica's answer breaks the rules of HTTP/1.1; nothing on this connection can be trusted any more. */
export class MalformedAnswer extends Error {}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
export const forbidden = /[\x00-\x08\x0a-\x1f\x7f]/;
const digits = /^\d{1,15}$/;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The name of a header line; throws MalformedAnswer for a folded line, a blank before the colon, a line without a colon. */
export function fieldName(line: string): string {
  const name = line.slice(0, Math.max(0, line.indexOf(':')));
  if (!token.test(name)) throw new MalformedAnswer('a header line without a proper name');
  return name;
}

/** The value of a header line without the blanks around it; throws MalformedAnswer for control characters. */
export function fieldValue(line: string, name: string): string {
  // Not trim(): it takes the byte A0 for a space, which is part of many letters in UTF-8.
  let start = name.length + 1;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  const value = line.slice(start, end);
  if (forbidden.test(value)) throw new MalformedAnswer(`control characters in the header ${name}`);
  return value;
}

export interface Framing {
  readonly head: AnswerHead;
  readonly chunked: boolean;
  /** Bytes of the body; null when chunked or until the connection closes. */
  readonly length: number | null;
}

/** Reads the lines of a head. `bodiless`: by request or status no body follows, whatever the fields say. */
export function readHead(
  lines: readonly string[],
  status: number,
  reason: string,
  version11: boolean,
  bodiless: boolean,
): Framing {
  let headers: string[] = [];
  let length: number | null = null;
  let coding: string | null = null;
  let connection: string | undefined;
  let keepAliveMs: number | null = null;
  let trailer: string | null = null;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const name = fieldName(line);
    const value = fieldValue(line, name);
    const lower = name.toLowerCase();
    if (!isHopByHop(lower)) {
      if (lower === 'content-length') {
        if (length !== null || !digits.test(value)) throw new MalformedAnswer('no single length in Content-Length');
        length = Number(value);
        // RFC 9110 §8.6: none with 204; a client could take it for the length of what follows.
        if (status === 204) continue;
      }
      headers.push(name, value);
    } else if (lower === 'connection') connection = connection === undefined ? value : `${connection}, ${value}`;
    else if (lower === 'keep-alive') keepAliveMs = keepAliveTime(value);
    else if (lower === 'trailer') trailer = trailer === null ? value : `${trailer}, ${value}`;
    else if (lower === 'transfer-encoding') {
      if (coding !== null || value.toLowerCase() !== 'chunked')
        throw new MalformedAnswer('another Transfer-Encoding than chunked');
      coding = value;
    }
  }
  if (coding !== null && (length !== null || !version11))
    throw new MalformedAnswer('Transfer-Encoding where a length was given, or in HTTP/1.0');
  const dropped = nominated(connection);
  if (dropped.length > 0) headers = without(headers, dropped);
  const chunked = coding !== null && !bodiless;
  const untilClose = !bodiless && !chunked && length === null;
  const keepAlive = !untilClose && (version11 ? !hasOption(connection, 'close') : hasOption(connection, 'keep-alive'));
  const sized = bodiless || length !== null;
  return {
    head: { status, reason, headers, trailer, sized, keepAlive, keepAliveMs },
    chunked,
    length: bodiless ? 0 : length,
  };
}

function keepAliveTime(value: string): number | null {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function without(headers: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const lower = name.toLowerCase();
    // Framing is never given up to a Connection header.
    if (lower === 'content-length' || !names.includes(lower)) kept.push(name, headers[i + 1] ?? '');
  }
  return kept;
}
