export const dynamic = 'force-dynamic';

// The preload (runtime/node/graceful-shutdown.mjs) knows whether this process is ready.
export async function GET() {
  const life = globalThis[Symbol.for('graceful-shutdown')];
  const { ready, body } = life ? await life.health()
    : { ready: true, body: { status: 'healthy', deployment: process.env.DEPLOYMENT, version: process.env.APP_VERSION } };
  return Response.json(body, { status: ready ? 200 : 503 });
}
