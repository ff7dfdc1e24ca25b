import { ServerConfig } from '../../config.ts';

/** A configuration whose other parts are nowhere: fakes stand for them. */
export const testConfig = (given: {
  readonly databaseUrl: string;
  readonly dataDir?: string;
  readonly limits?: object;
}) =>
  ServerConfig.parse({
    dataDir: '/nowhere',
    socket: '/nowhere/server.sock',
    keyFile: '/nowhere/key',
    bootstrapTokenFile: '/nowhere/token',
    appsUrl: 'http://127.0.0.1:8080',
    controlUrl: 'http://127.0.0.1:7070',
    router: { socket: '/nowhere/router.sock' },
    supervisor: { socket: '/nowhere/supervisor.sock', config: '/nowhere/supervisor.json' },
    ...given,
  });
