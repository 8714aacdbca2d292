export const dynamic = 'force-dynamic';

/** One line a second, ?seconds=60; ends by itself when the process goes. */
export function GET(request) {
  const seconds = Number(new URL(request.url).searchParams.get('seconds') ?? 60);
  const life = globalThis[Symbol.for('graceful-shutdown')];
  const stream = new ReadableStream({
    async start(controller) {
      for (let i = 0; i < seconds && !life?.draining; i++) {
        controller.enqueue(new TextEncoder().encode(`data: ${process.env.DEPLOYMENT} ${process.env.APP_VERSION} ${i}\n\n`));
        await new Promise(done => setTimeout(done, 1000));
      }
      controller.close();
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } });
}
