// A stand-in for the hub while screens are made: `npm run mock`, then `npm run dev`, or open it directly to see dist/ under
// the real content security policy. It invents data, keeps it in memory and is never shipped or used by a test of the hub.
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { WebSocketServer } from 'ws';
import { ago, session } from './mock-data.mjs';
import { Refusal, refuse, routes, seq, sockets } from './mock-routes.mjs';

const port = Number(process.env.PORT ?? 8080);
const dist = new URL('../dist/', import.meta.url);
const sessions = new Set();

async function serveApi(request, response, url) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const answer = (status, body, headers = {}) =>
    response
      .writeHead(status, {
        'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json',
        ...headers,
      })
      .end(body === undefined ? undefined : JSON.stringify(body));
  try {
    const cookie = /carillon_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
    if (url.pathname === '/api/v1/session' && request.method === 'POST') {
      if (JSON.parse(text).password !== 'carillon') refuse(401, 'SIGN_IN_FAILED', 'Email or password is wrong.');
      const id = randomUUID();
      sessions.add(id);
      return answer(201, session, { 'Set-Cookie': `carillon_session=${id}; Path=/; HttpOnly; SameSite=Lax` });
    }
    if (!sessions.has(cookie)) refuse(401, 'NOT_SIGNED_IN', 'Sign in first.');
    if (url.pathname === '/api/v1/session' && request.method === 'DELETE') {
      sessions.delete(cookie);
      return answer(204);
    }
    for (const [method, pattern, handle] of routes) {
      const found = method === request.method && pattern.exec(url.pathname);
      if (!found) continue;
      const result = handle({ ...found.groups, query: url.searchParams, request, body: text ? JSON.parse(text) : {} });
      return Array.isArray(result) ? answer(result[0], result[1]) : answer(200, result);
    }
    refuse(404, 'NO_ROUTE', 'There is no such route.');
  } catch (cause) {
    if (cause instanceof Refusal) answer(cause.body.status, cause.body);
    else answer(500, { type: 'about:blank', title: 'Error', status: 500, code: 'INTERNAL', detail: String(cause) });
  }
}

const types = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.html': 'text/html; charset=utf-8',
};
function serveFile(request, response, url) {
  const file = new URL(`.${url.pathname}`, dist);
  if (url.pathname !== '/' && existsSync(file))
    return response
      .writeHead(200, { 'Content-Type': types[extname(url.pathname)] ?? 'application/octet-stream' })
      .end(readFileSync(file));
  const nonce = randomBytes(16).toString('base64url');
  const theme = /theme=(light|dark)/.exec(request.headers.cookie ?? '')?.[1] ?? 'system';
  const html = readFileSync(new URL('index.html', dist), 'utf8')
    .replaceAll('__CSP_NONCE__', nonce)
    .replaceAll('__THEME__', theme);
  response
    .writeHead(200, {
      'Content-Type': types['.html'],
      'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    })
    .end(html);
}

const server = createServer((request, response) => {
  const url = new URL(request.url, `http://${request.headers.host}`);
  if (url.pathname.startsWith('/api/')) void serveApi(request, response, url);
  else serveFile(request, response, url);
});
new WebSocketServer({ server, path: '/api/v1/stream' }).on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.send(JSON.stringify({ seq, server_time: ago(0), events: [], hello: true }));
});
server.listen(port, '127.0.0.1', () =>
  console.log(`mock hub: http://127.0.0.1:${port} (any email, password "carillon")`),
);
