import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Exchange } from './exchange.ts';
import { hostName, originForm } from './host.ts';
import { type Refusal, type RequestHead, requestHead } from './request.ts';
import { refuse, type Service } from './service.ts';
import { responseOn, UpgradeExchange } from './upgrade.ts';

interface Admitted {
  readonly host: string;
  readonly head: RequestHead;
}

/** What no service may see is turned away here: a request that is not clearly for one host, or for one that nobody serves. */
function admit(
  service: Service,
  request: IncomingMessage,
  options: { expectContinue: boolean; upgrade: boolean },
): Admitted | Refusal {
  const header = request.headers.host ?? '';
  const host = hostName(header);
  if (host === null) return { status: 400, message: 'The Host header is not a host name.' };
  const target = originForm(request.method ?? '', request.url ?? '', header);
  if (target === null)
    return { status: 400, message: 'The request target is not a path, or names another host than the Host header.' };
  if (service.find(host) === undefined) {
    return {
      status: 404,
      message: `Nothing is served under the name ${host}.\nWhat is deployed, and under which name: towpath status`,
    };
  }
  const head = requestHead(request, target, options);
  return 'status' in head ? head : { host, head };
}

/** Takes one request; `expectContinue`: its client waits for "100 Continue" before it sends the body. */
export function enter(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  expectContinue: boolean,
): void {
  const options = { expectContinue, upgrade: false };
  const admitted = admit(service, request, options);
  if ('status' in admitted) refuse(service, response, admitted.status, admitted.message);
  else new Exchange(service, admitted.host, request, response, admitted.head, options).attempt();
}

/** Takes a request to switch protocols, on a socket that the HTTP server has let go. `early`: bytes behind the request. */
export function enterUpgrade(service: Service, request: IncomingMessage, socket: Socket, early: Buffer): void {
  // A broken client is told by 'close' too; unheard, the error would end the process.
  socket.on('error', () => {});
  const response = responseOn(request, socket);
  const admitted = admit(service, request, { expectContinue: false, upgrade: true });
  if ('status' in admitted) refuse(service, response, admitted.status, admitted.message);
  else new UpgradeExchange(service, admitted.host, request, response, admitted.head, socket, early).attempt();
}
