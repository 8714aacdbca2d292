import Link from 'next/link';
import Details from './details';

export const dynamic = 'force-dynamic';

export default function Page() {
  return (
    <main>
      <h1>The shop</h1>
      <p id="served">served by {process.env.DEPLOYMENT ?? 'local'}, version {process.env.APP_VERSION ?? 'dev'}</p>
      <Details />
      <p><Link id="about" href="/about" prefetch={false}>About</Link></p>
    </main>
  );
}
