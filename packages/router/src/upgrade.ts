import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { breakOff } from './break.ts';
import { Exchange } from './exchange.ts';
import { ServerResponse as OutgoingResponse } from './http.ts';
import type { RequestHead } from './request.ts';
import type { Service } from './service.ts';

/** A response for a socket that the HTTP server has handed over; the connection ends with it. */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new OutgoingResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.destroySoon());
  return response;
}

/**
 * A request to switch protocols (WebSocket or any other). Answered with 101, both connections become one tunnel; answered otherwise, it is
 * an exchange like any other.
 */
export class UpgradeExchange extends Exchange {
  readonly #client: Socket;
  readonly #early: Buffer;

  /** `early`: what the client sent behind its request. */
  constructor(
    service: Service,
    host: string,
    request: IncomingMessage,
    response: ServerResponse,
    head: RequestHead,
    client: Socket,
    early: Buffer,
  ) {
    super(service, host, request, response, head, { expectContinue: false, upgrade: true });
    this.#client = client;
    this.#early = early;
  }

  protected override watchDrain(listener: () => void): void {
    this.#client.on('drain', listener);
  }

  override onUpgrade(lines: readonly string[], rest: Buffer, replica: Socket): void {
    this.settle();
    this.backend?.tally.answered(101);
    this.backend?.tally.streamed();
    const client = this.#client;
    this.response.detachSocket(client);
    client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    if (rest.length > 0) client.write(rest);
    if (this.#early.length > 0) client.unshift(this.#early);
    // A pipe passes the end of one direction on; the other one stays open.
    client.pipe(replica);
    replica.pipe(client);
    client.on('close', () => closeAfter(client, replica));
    replica.on('close', () => {
      closeAfter(replica, client);
      this.leave();
    });
    if (client.destroyed) breakOff(replica);
  }
}

/** One end is closed. After a proper end the other one still gets what is on its way; after a break it breaks too. */
function closeAfter(closed: Socket, other: Socket): void {
  if (closed.readableEnded && closed.errored === null) other.destroySoon();
  else if (!other.destroyed) breakOff(other);
}
