// Graceful shutdown for an unmodified Node server: node --import ./graceful-shutdown.mjs server.js
// Works for Next.js standalone, Express, Fastify and plain http. One file, no dependencies; Node 20 or later.
//
// On SIGTERM: tell that this process goes (DRAIN_FILE, readiness false, "Connection: close"), let the balancer turn
// away, accept what has come by then, finish what is in flight, close websockets with 1001, close the stores, exit 0.
// What is still in flight at the limit is named, and the exit code is 1. A second signal cuts all waiting short. An
// error on the way, in a listener or in a signal handler of the app's too, is told, and changes neither order nor code.
//
// Before that: of many clients that come at once, as a switch brings them, none starves.
//
// With cluster, the signal to the primary is enough: it tells its workers, which do the same, and ends after the last
// one, with 1 if one of them did not end with 0. A worker forked meanwhile, to replace one that ended, does not begin.
//
//   SHUTDOWN_SETTLE 2    seconds in which requests still come in        SHUTDOWN_LIMIT 30   for those in flight
//   WEBSOCKET_LIMIT 25   seconds until websockets are told to go        MAX_ACTIVE 1000     above it: not ready
//   DRAIN_FILE           a file that exists while this process goes; bluegreen's Nginx reads it. "idle" in it
//                        before the signal: a deployer knows that nothing comes any more; nothing is waited for
//   HEALTH_PATH          set: answered here, for an app that has no health endpoint; /api/live always is when set
//
// An app that wants more: const life = globalThis[Symbol.for('graceful-shutdown')]
//   life.closing('redis', () => client.quit(), 5)     closed last in, first out, each with a limit in seconds
//   life.check('redis', () => client.ping())          part of readiness
//   life.onDrain(() => stream.end())                  told once, when the shutdown begins
//   await life.health()                               {ready, body} for the app's own health route
import { AsyncResource } from 'node:async_hooks';
import cluster from 'node:cluster';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { channel } from 'node:diagnostics_channel';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

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
// Above any proxy's upstream idle time (bluegreen's Nginx: 1.5 s; Node's own default of 5 s is a race with many).
const KEEP_ALIVE = 65_000;
// For a queue of connections at most; under a plain balancer it may never be empty.
const ACCEPTING = 5000;
// For what the last ones of them bring, which may be a TLS handshake away.
const UNREAD = 200;
// Beyond SHUTDOWN_LIMIT, for a worker's last websockets and stores; Docker's grace must be longer.
const WORKERS_LATER = 6000;

// By the primary that forked this process, if it has this file too: "worker", or "late" when it was shutting down.
const FORKED_AS = process.env.GRACEFUL_SHUTDOWN_FORK;
delete process.env.GRACEFUL_SHUTDOWN_FORK;
const later = setImmediate;         // not what an app may put in its place
const NEVER = new Promise(() => {});
if (FORKED_AS === 'late') await NEVER;     // ends with the primary; the app must not begin

process.env.NEXT_MANUAL_SIG_HANDLE = 'true';        // Next.js would exit at once on SIGTERM

const servers = new Set();
let accepted = 0;                  // connections, of all servers
const active = new Map();          // response → {socket, method, path, began}
const websockets = new Set();      // upgraded sockets
const stores = [];
const checks = new Map();
const listeners = [];
let draining = false;
let cutShort;
const impatience = new Promise(resolve => { cutShort = resolve; });
const say = text => console.log(`shutdown: ${FORKED_AS ? `worker ${cluster.worker.id}: ` : ''}${text}`);
const failed = what => e => say(`${what} failed: ${e?.message ?? e}`);
const attempt = (what, action) => { try { action(); } catch (e) { failed(what)(e); } };

// Not http's close: it cuts connections that are idle in its eyes, with a request unread, or an answer not yet sent out.
const { listen, close: stopListening } = net.Server.prototype;
net.Server.prototype.listen = function (...args) {
  if (typeof this.keepAliveTimeout === 'number') {     // an http(s) server
    servers.add(this);
    this.keepAliveTimeout = Math.max(this.keepAliveTimeout, KEEP_ALIVE);
    this.headersTimeout = Math.max(this.headersTimeout, KEEP_ALIVE + 1000);
    this.once('listening', isHere);
    this.on('connection', socket => {
      accepted++;
      takeTurns();
      // Before http hears of it: a request whose client has left is begun, and then told so, as without turns.
      for (const event of ['end', 'close']) socket.prependOnceListener(event, () => serve(socket));
      socket.once('close', () => forget(socket));
    });
  }
  return listen.apply(this, args);
};

/** The primary speaks for all its workers: one that comes or goes alone is no news to Nginx. */
const speaks = DRAIN_FILE && !FORKED_AS;

function isHere() {
  if (speaks && !draining) attempt(`removing ${DRAIN_FILE}`, () => rmSync(DRAIN_FILE, { force: true }));
}

/** Whether a deployer has written before that no request comes any more. */
function isLeaving() {
  let idle = false;
  attempt(`reading ${DRAIN_FILE}`, () => { idle = speaks && existsSync(DRAIN_FILE) && readFileSync(DRAIN_FILE, 'utf8').trim() === 'idle'; });
  if (idle) return true;
  if (speaks) attempt(`writing ${DRAIN_FILE}, so that new requests go on coming,`, () => writeFileSync(DRAIN_FILE, ''));
  return false;
}

channel('http.server.request.start').subscribe(({ request, response, server }) => {
  server.keepAliveTimeout = Math.max(server.keepAliveTimeout, KEEP_ALIVE);     // a framework may have lowered it
  active.set(response, { socket: request.socket, method: request.method, path: request.url.split('?')[0], began: Date.now() });
  response.once('close', () => active.delete(response));
  if (draining) response.shouldKeepAlive = false;      // answers with "Connection: close"
});

/** In Node 20, of pipelined requests only the first one's response hears that the socket has closed; in 24 each does. */
function forget(socket) {
  for (const [response, request] of active) if (request.socket === socket) active.delete(response);
}

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, first, second, ...rest) {
  if (event === 'upgrade') {
    serve(second);
    websockets.add(second);
    second.once('close', () => websockets.delete(second));
  }
  if (event === 'request' && process.env.HEALTH_PATH) {
    const path = first.url.split('?')[0];
    if (path === '/api/live') return answer(second, 200, { status: 'alive' });
    if (path === process.env.HEALTH_PATH) return void health().then(({ ready, body }) => answer(second, ready ? 200 : 503, body));
  }
  if (event === 'request' && takingTurns) {
    const context = new AsyncResource('REQUEST');
    return wait(first.socket, () => context.runInAsyncScope(emit, this, event, first, second, ...rest));
  }
  return emit.call(this, event, first, second, ...rest);
};

// A switch brings every client at once, and Node accepts one connection a turn of its loop, in which all requests that
// have come begin: the last of N clients would wait for N * N / 2 of them. As long as each turn brings a connection, it
// begins the requests of one, and of those that have waited too long.
const waiting = new Map();       // socket → {since, requests}; more than one if it pipelines
let takingTurns = false;

function takeTurns() {
  if (takingTurns) return;
  takingTurns = true;
  later(nextTurn, NaN);      // what the first one asks comes a turn later
}

function wait(socket, request) {
  if (!waiting.has(socket)) waiting.set(socket, { since: performance.now(), requests: [] });
  return waiting.get(socket).requests.push(request);
}

function nextTurn(before) {
  takingTurns = accepted !== before;
  if (takingTurns) later(nextTurn, accepted);
  const late = performance.now() - ACCEPTING;
  for (const [socket, { since }] of waiting) {
    serve(socket);
    if (takingTurns && since > late) break;
  }
}

function serve(socket) {
  for (let turn; (turn = waiting.get(socket));) {
    const request = turn.requests.shift();
    if (turn.requests.length === 0) waiting.delete(socket);
    try { request(); } catch (e) { process.nextTick(() => { throw e; }); }      // not before those who wait with it
  }
}

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

const until = (done, ms, cut = impatience) => Promise.race([cut, (async () => {
  for (const end = Date.now() + ms; !done() && Date.now() < end;) await sleep(25);
})()]);

/**
 * Node accepts one connection a turn of its loop: a busy app has a queue of them, with requests that were sent. It is
 * empty when a turn that was short brought none. A worker is handed its next one when the primary has heard of the last.
 */
async function acceptAll() {
  for (let before = -1, began = 0; accepted !== before || performance.now() - began > 20;) {
    if (FORKED_AS) await sleep(100);
    before = accepted;
    began = performance.now();
    await turn();
  }
}

/** @param alreadyLeft by the word of the primary */
async function shutdown(signal, alreadyLeft = false) {
  const began = Date.now();
  draining = true;
  say(`${signal}, ${active.size} in flight, ${websockets.size} websockets`);
  process.on('uncaughtException', e => say(`went on after ${e?.stack ?? e}`));
  const settled = isLeaving() || alreadyLeft;
  workers.tell(settled ? 'begin at once' : 'begin');
  for (const listener of listeners) Promise.resolve().then(listener).catch(failed('a drain listener'));
  for (const response of active.keys()) if (!response.headersSent) response.shouldKeepAlive = false;
  if (!settled) await until(() => false, SETTLE);
  const limit = Date.now() + LIMIT;
  await Promise.race([impatience, acceptAll(), sleep(Math.min(LIMIT / 2, ACCEPTING))]);

  for (const server of servers) attempt('closing a server', () => stopListening.call(server));
  if (!settled) await until(() => false, UNREAD);
  const goodbye = setTimeout(closeWebsockets, Math.min(WEBSOCKET_LIMIT, LIMIT));
  await until(() => active.size === 0 && websockets.size === 0 && workers.count() === 0, limit - Date.now());
  clearTimeout(goodbye);
  if (websockets.size > 0) await closeWebsockets();

  for (const r of active.values()) say(`cut: ${r.method} ${r.path} (${((Date.now() - r.began) / 1000).toFixed(1)} s)`);
  await until(() => workers.count() === 0, Math.min(limit - Date.now(), 0) + WORKERS_LATER, NEVER);
  if (workers.count() > 0) say(`cut: ${workers.count()} workers that did not end`);
  for (const { name, close, limit } of stores.reverse()) {
    try {
      await Promise.race([Promise.resolve().then(close).then(() => say(`${name} closed`)), sleep(limit).then(() => { throw new Error(`not within ${limit / 1000} s`); })]);
    } catch (e) { failed(`closing ${name}`)(e); }
  }
  const cut = active.size + workers.count() + workers.failed;
  say(`${cut === 0 ? 'done' : `${cut} cut`} after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  process.exit(cut === 0 ? 0 : 1);
}

/** Those of a cluster's primary that were there when the shutdown began; none anywhere else. */
const workers = {
  late: new WeakSet(),
  failed: 0,
  all() { return Object.values(cluster.workers ?? {}).filter(w => !this.late.has(w)); },
  count() { return this.all().length; },
  tell(what) {
    const message = { 'graceful-shutdown': what };
    for (const w of this.all()) if (w.isConnected()) w.send(message, e => { if (e) failed(`telling worker ${w.id}`)(e); });
  },
};

if (cluster.isPrimary) {
  const fork = cluster.fork;
  cluster.fork = function (env) {
    const worker = fork.call(cluster, { ...env, GRACEFUL_SHUTDOWN_FORK: draining ? 'late' : 'worker' });
    if (draining) workers.late.add(worker);
    return worker;
  };
  syncBuiltinESMExports();
  cluster.on('listening', isHere);
  cluster.on('exit', (worker, code) => { if (draining && code !== 0 && !workers.late.has(worker)) workers.failed++; });
}

let told = false;       // by the primary: it alone says when to cut short, whatever signals come here as well
if (FORKED_AS) process.on('message', message => {
  switch (message?.['graceful-shutdown']) {
    case 'begin': told = true; if (!draining) begin('the primary goes'); break;
    case 'begin at once': told = true; if (!draining) begin('the primary goes', true); break;
    case 'cut': cutShort(); break;
    case 'hangup': closeWebsockets(); break;
  }
});

function signalled(signal) {
  if (!draining) return begin(signal);
  if (told) return;
  say(`${signal} again: no more waiting`);
  workers.tell('cut');
  cutShort();
}

function begin(why, alreadyLeft) {
  shutdown(why, alreadyLeft).catch(e => { say(`failed: ${e?.stack ?? e}`); process.exit(1); });
}

/** Close frame 1001, "going away": a browser reconnects, and reaches the other colour. */
async function closeWebsockets() {
  if (websockets.size > 0) say(`closing ${websockets.size} websockets with 1001`);
  for (const socket of websockets) socket.end(Buffer.from([0x88, 0x02, 0x03, 0xe9]));
  await until(() => websockets.size === 0, 1000);
  for (const socket of websockets) socket.destroy();
}

// The traffic has moved on and the drain's time is over: bluegreen asks with the signal of the label bluegreen.hangup.
process.on('SIGHUP', () => { workers.tell('hangup'); closeWebsockets(); });
process.on('SIGTERM', () => signalled('SIGTERM'));
process.on('SIGINT', () => signalled('SIGINT'));

globalThis[Symbol.for('graceful-shutdown')] = {
  health,
  check: (name, call) => checks.set(name, call),
  onDrain: listener => listeners.push(listener),
  closing: (name, close, limit = 5) => stores.push({ name, close, limit: limit * 1000 }),
  get draining() { return draining; },
};
