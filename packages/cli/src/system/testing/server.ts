/** Stands for the server in the tests of `up`: reads its configuration, answers /api/health on its socket; `broken.*` domains make it die. */
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { ServerConfig } from '@towpath/server/config';

const config = ServerConfig.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
if (config.domain.startsWith('broken.')) throw new Error('the server of this test is broken');
rmSync(config.socket, { force: true });
createServer((_request, response) => response.end('{}')).listen(config.socket);
process.once('SIGTERM', () => process.exit(0));
