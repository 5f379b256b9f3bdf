// Runs every src/*.test.ts with Node's own test runner: `npm test`.
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const source = new URL('src/', import.meta.url).pathname
const built = new URL('build/', import.meta.url).pathname
const tests = readdirSync(source).filter((name) => name.endsWith('.test.ts'))

await build({
  entryPoints: tests.map((name) => source + name),
  outdir: built,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node18',
})
const files = tests.map((name) => built + name.replace(/\.ts$/, '.mjs'))
process.exit(spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' }).status ?? 1)
