import type { Socket } from 'node:net';

/**
 * Ends a connection so that nobody takes it for a proper end: with a reset, since a plain end is what closes an HTTP/1.0 answer, or one
 * direction of a tunnel. A unix socket has no reset and is just closed.
 */
export function breakOff(socket: Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
