'use client';
import dynamic from 'next/dynamic';
import { useState } from 'react';

const More = dynamic(() => import('./more'), { ssr: false, loading: () => <p>loading…</p> });

/** The chunk with More is fetched at the click: maybe long after another version took the traffic. */
export default function Details() {
  const [open, setOpen] = useState(false);
  return open ? <More /> : <button id="more" onClick={() => setOpen(true)}>More</button>;
}
