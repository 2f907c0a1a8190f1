// A line between browser and server that can be cut, and a server that can be another version: a proxy of our own.
import { createServer, request, type Server } from 'node:http';
import type { Socket } from 'node:net';

export interface Line {
  url: string;
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** What stands behind it is another version of the program from now on. */
  upgrade(): void;
}

export async function line(to: string): Promise<Line> {
  const target = new URL(to);
  const open = new Set<Socket>();
  let version = 0;
  const server: Server = createServer((asked, answer) => {
    const worker = asked.url === '/sw.js';
    const headers = { ...asked.headers, ...(worker ? { 'accept-encoding': 'identity' } : {}) };
    const on = request({ host: target.hostname, port: target.port, path: asked.url, method: asked.method, headers }, got => {
      if (!worker) {
        answer.writeHead(got.statusCode!, got.headers);
        got.pipe(answer);
        return;
      }
      const parts: Buffer[] = [];
      got.on('data', part => parts.push(part));
      got.on('end', () => {
        const text = Buffer.concat(parts).toString().replace(/const BUILD = '(\w+)'/, `const BUILD = '$1-${version}'`);
        answer.writeHead(got.statusCode!, { 'content-type': 'text/javascript', 'cache-control': 'no-cache' });
        answer.end(text);
      });
    });
    on.on('error', () => answer.destroy());
    answer.on('close', () => on.destroy());
    asked.pipe(on);
  });
  server.on('connection', socket => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  let port = 0;
  const mend = () => new Promise<void>(done => server.listen(port, '127.0.0.1', () => { port = (server.address() as { port: number }).port; done(); }));
  await mend();
  return {
    url: `http://127.0.0.1:${port}`,
    mend,
    cut: () => new Promise(done => { server.close(() => done()); open.forEach(socket => socket.destroy()); }),
    upgrade: () => { version += 1; },
  };
}
