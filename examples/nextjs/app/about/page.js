export const dynamic = 'force-dynamic';

export default function About() {
  return <p id="served">about, served by {process.env.DEPLOYMENT ?? 'local'}, version {process.env.APP_VERSION ?? 'dev'}</p>;
}
