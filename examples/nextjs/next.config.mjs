export default {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  // Each version names its own chunks, as a change of code would.
  env: { NEXT_PUBLIC_VERSION: process.env.VERSION || 'dev' },
};
