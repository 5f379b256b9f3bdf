// Builds the bundle the explorer's page loads: `npm run build [-- FILE]`, by default the committed one.
import { build } from 'esbuild'
import { readFile } from 'node:fs/promises'

const committed = new URL('../app/static/explore/explore.js', import.meta.url).pathname

const licences = await Promise.all(
  ['cytoscape', 'cytoscape-fcose', 'cose-base', 'layout-base'].map(async (name) => {
    const read = (file) => readFile(new URL(`node_modules/${name}/${file}`, import.meta.url), 'utf8')
    const { version } = JSON.parse(await read('package.json'))
    return `${name} ${version}:\n\n${(await read('LICENSE')).replaceAll('\r', '').trim()}`
  }),
)

await build({
  entryPoints: [new URL('src/script.ts', import.meta.url).pathname],
  outfile: process.argv[2] ?? committed,
  bundle: true,
  minify: true,
  charset: 'utf8',
  format: 'iife',
  target: 'es2022',
  // The licences ask that they go along; one banner has them all, once.
  legalComments: 'none',
  banner: { js: `/*!\nWhograph explorer. Contains the following.\n\n${licences.join('\n\n')}\n*/` },
})
