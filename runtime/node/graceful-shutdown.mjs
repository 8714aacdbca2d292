// Graceful shutdown for an unmodified Node server: node --import ./graceful-shutdown.mjs server.js
// Works for Next.js standalone, Express, Fastify and plain http. One file, no dependencies; Node 20 or later.
//
// On SIGTERM: tell that this process goes (DRAIN_FILE, readiness false, "Connection: close"), let the balancer turn
// away, stop accepting, finish what is in flight, close websockets with 1001, close the stores, exit 0. What is
// still in flight at the limit is named, and the exit code is 1. A second signal cuts all waiting short.
//
//   SHUTDOWN_SETTLE 2    seconds in which requests still come in        SHUTDOWN_LIMIT 30   for those in flight
//   WEBSOCKET_LIMIT 25   seconds until websockets are told to go        MAX_ACTIVE 1000     above it: not ready
//   DRAIN_FILE           a file that exists while this process goes; bluegreen's Nginx reads it
//   HEALTH_PATH          set: answered here, for an app that has no health endpoint; /api/live always is when set
//
// An app that wants more: const life = globalThis[Symbol.for('graceful-shutdown')]
//   life.closing('redis', () => client.quit(), 5)     closed last in, first out, each with a limit in seconds
//   life.check('redis', () => client.ping())          part of readiness
//   await life.health()                               {ready, body} for the app's own health route
import { rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { channel } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';

const seconds = (name, fallback) => {
  const value = process.env[name] || String(fallback);
  if (!/^\d{1,5}$/.test(value)) throw new Error(`${name}=${value}: whole seconds are expected`);
  return Number(value) * 1000;
};
const SETTLE = seconds('SHUTDOWN_SETTLE', 2);
const LIMIT = seconds('SHUTDOWN_LIMIT', 30);
const WEBSOCKET_LIMIT = seconds('WEBSOCKET_LIMIT', 25);
const MAX_ACTIVE = Number(process.env.MAX_ACTIVE || 1000);
const DRAIN_FILE = process.env.DRAIN_FILE;
// Above any proxy's upstream idle time (bluegreen's Nginx: 4 s; Node's own default of 5 s is a race with many).
const KEEP_ALIVE = 65_000;

process.env.NEXT_MANUAL_SIG_HANDLE = 'true';        // Next.js would exit at once on SIGTERM

const servers = new Set();
const active = new Map();          // response → {method, path, began}
const websockets = new Set();      // upgraded sockets
const stores = [];
const checks = new Map();
let draining = false;
let cutShort;
const impatience = new Promise(resolve => { cutShort = resolve; });
const say = text => console.log(`shutdown: ${text}`);

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  if (typeof this.keepAliveTimeout === 'number') {     // an http(s) server
    servers.add(this);
    this.keepAliveTimeout = Math.max(this.keepAliveTimeout, KEEP_ALIVE);
    this.headersTimeout = Math.max(this.headersTimeout, KEEP_ALIVE + 1000);
    this.once('listening', () => { if (DRAIN_FILE && !draining) rmSync(DRAIN_FILE, { force: true }); });
  }
  return listen.apply(this, args);
};

channel('http.server.request.start').subscribe(({ request, response, server }) => {
  server.keepAliveTimeout = Math.max(server.keepAliveTimeout, KEEP_ALIVE);     // a framework may have lowered it
  active.set(response, { method: request.method, path: request.url.split('?')[0], began: Date.now() });
  response.once('close', () => active.delete(response));
  if (draining) response.shouldKeepAlive = false;      // answers with "Connection: close"
});

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, first, second, ...rest) {
  if (event === 'upgrade') {
    websockets.add(second);
    second.once('close', () => websockets.delete(second));
  }
  if (event === 'request' && process.env.HEALTH_PATH) {
    const path = first.url.split('?')[0];
    if (path === '/api/live') return answer(second, 200, { status: 'alive' });
    if (path === process.env.HEALTH_PATH) return void health().then(({ ready, body }) => answer(second, ready ? 200 : 503, body));
  }
  return emit.call(this, event, first, second, ...rest);
};

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
  return true;
}

async function health() {
  const results = {};
  let ready = !draining && active.size <= MAX_ACTIVE;
  await Promise.all([...checks].map(async ([name, check]) => {
    const began = Date.now();
    try {
      await Promise.race([check(), sleep(1000, undefined, { ref: false }).then(() => { throw new Error('no answer within 1 s'); })]);
      results[name] = { ok: true, ms: Date.now() - began };
    } catch (e) {
      ready = false;
      results[name] = { ok: false, ms: Date.now() - began, error: e.message };
    }
  }));
  return { ready, body: {
    status: ready ? 'healthy' : draining ? 'draining' : 'unhealthy',
    deployment: process.env.DEPLOYMENT, version: process.env.APP_VERSION, readiness: ready,
    graceful_shutdown: { enabled: true, accepting_requests: !draining, active_connections: active.size },
    checks: results } };
}

const until = (done, ms) => Promise.race([impatience, (async () => {
  for (const end = Date.now() + ms; !done() && Date.now() < end;) await sleep(25);
})()]);

async function shutdown(signal) {
  if (draining) { say(`${signal} again: no more waiting`); return cutShort(); }
  const began = Date.now();
  draining = true;
  say(`${signal}, ${active.size} in flight, ${websockets.size} websockets`);
  if (DRAIN_FILE) {
    try { writeFileSync(DRAIN_FILE, ''); } catch (e) { say(`cannot write ${DRAIN_FILE}, so new requests go on coming: ${e.message}`); }
  }
  for (const response of active.keys()) if (!response.headersSent) response.shouldKeepAlive = false;
  await until(() => false, SETTLE);

  for (const server of servers) { server.close(); server.closeIdleConnections?.(); }
  const closing = setInterval(() => servers.forEach(s => s.closeIdleConnections?.()), 100);
  const goodbye = setTimeout(closeWebsockets, Math.min(WEBSOCKET_LIMIT, LIMIT));
  await until(() => active.size === 0 && websockets.size === 0, LIMIT);
  clearInterval(closing);
  clearTimeout(goodbye);
  if (websockets.size > 0) await closeWebsockets();

  for (const r of active.values()) say(`cut: ${r.method} ${r.path} (${((Date.now() - r.began) / 1000).toFixed(1)} s)`);
  for (const { name, close, limit } of stores.reverse()) {
    try {
      await Promise.race([Promise.resolve().then(close).then(() => say(`${name} closed`)), sleep(limit).then(() => { throw new Error(`not within ${limit / 1000} s`); })]);
    } catch (e) { say(`${name} failed to close: ${e.message}`); }
  }
  say(`${active.size === 0 ? 'done' : `${active.size} cut`} after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  process.exit(active.size === 0 ? 0 : 1);
}

/** Close frame 1001, "going away": a browser reconnects, and reaches the other colour. */
async function closeWebsockets() {
  if (websockets.size > 0) say(`closing ${websockets.size} websockets with 1001`);
  for (const socket of websockets) socket.end(Buffer.from([0x88, 0x02, 0x03, 0xe9]));
  await until(() => websockets.size === 0, 1000);
  for (const socket of websockets) socket.destroy();
}

// The traffic has moved on and the drain's time is over: bluegreen asks with the signal of the label bluegreen.hangup.
process.on('SIGHUP', closeWebsockets);
process.on('SIGTERM', () => shutdown('SIGTERM'));
process.on('SIGINT', () => shutdown('SIGINT'));

globalThis[Symbol.for('graceful-shutdown')] = {
  health,
  check: (name, call) => checks.set(name, call),
  closing: (name, close, limit = 5) => stores.push({ name, close, limit: limit * 1000 }),
  get draining() { return draining; },
};
