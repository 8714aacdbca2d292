export const metadata = { title: 'shop' };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body style={{ font: '16px system-ui', margin: '4rem auto', maxWidth: '36rem' }}>{children}</body>
    </html>
  );
}
