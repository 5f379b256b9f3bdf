// Builds the bundle the service serves: `npm run build [-- FILE]`, by default the committed one.
import { build } from 'esbuild'
import { readFile } from 'node:fs/promises'

const committed = new URL('../app/static/sdk/whograph.js', import.meta.url).pathname
const licence = await readFile(new URL('node_modules/@fingerprintjs/fingerprintjs/LICENSE', import.meta.url), 'utf8')

await build({
  entryPoints: [new URL('src/script.ts', import.meta.url).pathname],
  outfile: process.argv[2] ?? committed,
  bundle: true,
  minify: true,
  charset: 'utf8',
  format: 'iife',
  // async functions as they are: every browser FingerprintJS 5 supports has them, and lowering them costs 1 kB.
  target: 'es2019',
  // FingerprintJS carries its licence in a comment no tool keeps; the licence asks that it goes along.
  legalComments: 'none',
  banner: { js: `/*!\nWhograph browser SDK. Contains FingerprintJS 5.2.0:\n\n${licence.trim()}\n*/` },
})
