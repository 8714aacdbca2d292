export const dynamic = 'force-dynamic';

const say = text => new Response(`${process.env.DEPLOYMENT} ${process.env.APP_VERSION} ${text}`);

export const GET = () => say('');
export const POST = async request => say(await request.text());
