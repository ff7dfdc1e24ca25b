import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { openParts } from '../../artifacts/parts.ts';
import { FakeExecutor } from '../../executors/fake/executor.ts';
import { FakeToolchains } from '../../executors/fake/toolchains.ts';
import { Logs } from '../../logs/logs.ts';
import type { House } from '../../operations/house.ts';
import { testConfig } from '../../operations/testing/config.ts';
import { FakePlatform } from '../../platforms/fake/platform.ts';
import { createSealer } from '../../secrets/seal.ts';
import { FakeSource } from '../../sources/fake/source.ts';
import { type Changes, openChanges } from '../../store/changes.ts';
import { type Connection, connect, type Db } from '../../store/connect.ts';
import { openEventTail } from '../../store/event-tail.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { ensureBootstrap } from '../../store/tokens.ts';
import { FakeTraffic } from '../../traffic/fake/traffic.ts';
import { openDashboard } from '../dashboard.ts';
import { createHttp } from '../server.ts';

/** The API on a port, with a database of its own and fakes behind it; no work is done. */
export class TestServer {
  /** Of its owner. */
  readonly token = 'owner-'.padEnd(40, 'x');
  readonly controlUrl = 'http://127.0.0.1:7070';
  readonly address: string;
  readonly db: Db;
  /** Null: the database has not answered yet. */
  house: House | null;
  /** What went to the log. */
  readonly logged: unknown[];
  readonly #server: Server;
  readonly #connection: Connection;
  readonly #changes: Changes;

  private constructor(
    parts: Pick<TestServer, 'address' | 'house' | 'logged'>,
    server: Server,
    connection: Connection,
    changes: Changes,
  ) {
    this.address = parts.address;
    this.house = parts.house;
    this.logged = parts.logged;
    this.db = connection.db;
    this.#server = server;
    this.#connection = connection;
    this.#changes = changes;
  }

  static async open(settings: { limits?: { requestsPerMinute?: number } } = {}): Promise<TestServer> {
    const url = await testDatabase();
    const connection = connect(url, { name: 'test' });
    const changes = openChanges(url, { name: 'test changes' });
    const house: House = {
      db: connection.db,
      changes,
      events: openEventTail(connection.db, changes),
      logs: new Logs({ db: connection.db, changes, limits: { mostBytes: 1_000_000, tailBytes: 1_000 } }),
      config: testConfig({ databaseUrl: url, ...settings }),
      source: new FakeSource(),
      platform: new FakePlatform(),
      executor: new FakeExecutor(),
      toolchains: new FakeToolchains(),
      router: new FakeTraffic(),
      secrets: createSealer(randomBytes(32)),
      parts: openParts('/nowhere/parts'),
      problems: () => [],
    };
    const logged: unknown[] = [];
    let self: TestServer | undefined;
    const server = await createHttp({
      dashboard: openDashboard('/nowhere/index.html'),
      house: () => (self === undefined ? house : self.house),
      git: (_request, response) => response.end('git'),
      log: (_message, error) => logged.push(error),
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const address = typeof bound === 'object' && bound !== null ? `http://127.0.0.1:${bound.port}` : '';
    self = new TestServer({ address, house, logged }, server, connection, changes);
    await ensureBootstrap(connection.db, self.token);
    return self;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#changes.close();
    await this.#connection.close();
  }
}
