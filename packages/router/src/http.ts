/**
 * node:http, got without `import`: importing it as a module evaluates every export of it, and one of them, WebSocket, loads the whole of
 * undici: 40 ms of every start and 14 MB that nothing here uses.
 */
export const { createServer, request, ServerResponse } = process.getBuiltinModule('node:http');
