/** The peer: a reverse proxy as one writes it on node:http in a few lines, connections kept. Arguments: its port, the origin's. */
import { Agent, request as ask, createServer } from 'node:http';

const agent = new Agent({ keepAlive: true });
const port = Number(process.argv[3]);

const server = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const outgoing = ask({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.writeHead(502).end());
  request.pipe(outgoing);
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
