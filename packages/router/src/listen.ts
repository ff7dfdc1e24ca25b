import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { RouterConfig } from '@towpath/contract/router';
import { enter, enterUpgrade } from './door.ts';
import { createServer } from './http.ts';
import type { Log } from './log.ts';
import { followsUpgrade } from './request.ts';
import type { Service } from './service.ts';

/** A client's idle connection is kept for so long. Longer than clients usually keep theirs, so that it is they who close it. */
const clientIdleMs = 75_000;
/** A request's header must be whole within this time. */
const headersMs = 20_000;
const checkMs = 5_000;

/** A listen address cannot be had: in use, not of this machine, or not allowed. */
export class ListenError extends Error {
  readonly address: string;
  readonly code: string;

  constructor(address: string, code: string) {
    const why =
      code === 'EADDRINUSE' ? 'it is in use by another process' : code === 'EACCES' ? 'it needs more rights' : code;
    super(`cannot listen on ${address}: ${why}`);
    this.address = address;
    this.code = code;
  }
}

/** One listen address and those who are connected to it. */
export class Listener {
  readonly purpose: RouterConfig['listen'][number]['purpose'];
  readonly #service: Service;
  readonly #server: Server;
  readonly #log: Log;
  /** Sockets that the HTTP server has let go: it doesn't end them. */
  readonly #upgraded = new Set<Socket>();

  constructor(purpose: Listener['purpose'], service: Service, limits: RouterConfig['limits'], log: Log) {
    this.#log = log;
    this.purpose = purpose;
    this.#service = service;
    this.#server = createServer({
      maxHeaderSize: limits.headerBytes,
      insecureHTTPParser: false,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      keepAliveTimeout: clientIdleMs,
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
      // An upload may take as long as it moves: the limit is on standing still (Service.answerTimeoutMs), not on the whole.
      requestTimeout: 0,
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: followsUpgrade,
    });
    this.#server.maxConnections = limits.connections;
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      enter(service, request, response, false),
    );
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      enter(service, request, response, true),
    );
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, early: Buffer) => {
      this.#upgraded.add(socket);
      socket.once('close', () => this.#upgraded.delete(socket));
      enterUpgrade(service, request, socket, early);
    });
  }

  /** Resolves with the address in use, as `127.0.0.1:8080`. Rejects with ListenError. */
  listen(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const server = this.#server;
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(new ListenError(written(host, port), error.code ?? error.message)),
      );
      server.listen({ host, port, backlog: 1024 }, () => {
        server.removeAllListeners('error');
        // Once it listens, an error (no descriptor left to accept with) concerns one connection, not the whole.
        server.on('error', (error) =>
          this.#log('listen_error', { address: written(host, port), error: error.message }),
        );
        const address = server.address();
        resolve(isInfo(address) ? written(address.address, address.port) : written(host, port));
      });
    });
  }

  /** No new connections; those that are there end with their present request, or when `signal` is aborted. */
  async close(signal: AbortSignal): Promise<void> {
    this.#service.stopping = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const idle = setInterval(() => this.#server.closeIdleConnections(), 50);
    const end = (): void => {
      this.#server.closeAllConnections();
      for (const socket of this.#upgraded) socket.destroy();
    };
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    await closed;
    clearInterval(idle);
    signal.removeEventListener('abort', end);
  }
}

function isInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function written(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
