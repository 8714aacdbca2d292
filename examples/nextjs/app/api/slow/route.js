export const dynamic = 'force-dynamic';

/** ?ms=2000 */
async function slow(request) {
  const ms = Number(new URL(request.url).searchParams.get('ms') ?? 1000);
  await new Promise(done => setTimeout(done, ms));
  return new Response(`${process.env.DEPLOYMENT} ${process.env.APP_VERSION} slow`);
}

export { slow as GET, slow as POST };
