/** The service behind both proxies: answers GET and POST with 240 bytes of JSON. Argument: its port. */
import { createServer } from 'node:http';

const body = Buffer.from(JSON.stringify({ hello: 'world', padding: 'x'.repeat(210) }));
const headers = {
  'content-type': 'application/json',
  'content-length': body.length,
  'cache-control': 'no-store',
  'x-request-id': 'abcdef0123456789',
};

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, headers);
    response.end(body);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
