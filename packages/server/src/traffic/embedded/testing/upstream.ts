import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { TestReplica } from '../../conformance-scene.ts';

/** A small real server as a replica: every answer names it; /open stays open until it is finished. */
export class Upstream implements TestReplica {
  readonly id: string;
  /** Requests for /open that have arrived and wait. */
  readonly waiting: ServerResponse[] = [];
  #server: Server;
  #status = 200;
  #port = 0;

  private constructor(id: string) {
    this.id = id;
    this.#server = this.#create();
  }

  static async start(id: string): Promise<Upstream> {
    const upstream = new Upstream(id);
    await upstream.#listen();
    return upstream;
  }

  get entry(): TestReplica['entry'] {
    return { id: this.id, address: { host: '127.0.0.1', port: this.#port } };
  }

  async answers(status: number | null): Promise<void> {
    if (status === null) return await this.close();
    this.#status = status;
    if (this.#server.listening) return;
    this.#server = this.#create();
    await this.#listen();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #create(): Server {
    return createServer((request, response) => {
      response.setHeader('x-replica', this.id);
      response.statusCode = this.#status;
      if (request.url === '/open') this.waiting.push(response);
      else response.end();
    });
  }

  /** On the same port as before, if there was one. */
  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }
}
