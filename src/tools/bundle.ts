/**
 * Puts the command and its libraries into few files, because finding and reading some four hundred modules takes longer
 * than all the rest: a script with what a run needs (start.ts), what everything else needs beside it (perform.ts, in the
 * place of what the compiler made of it), and what loads them (main.cts).
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { packageRoot } from '../core/package-root.js'
import { buildIdFile } from '../launch/kept-file.js'

const root = packageRoot()
const into = join(root, 'dist/cli')
const parts = join(into, 'parts')

rmSync(parts, { recursive: true, force: true })
mkdirSync(parts, { recursive: true })
const common: BuildOptions & { readonly metafile: true } = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Less to read; names stay, for whoever reads where an error came from.
  minifyWhitespace: true,
  minifySyntax: true,
  // Loaded for diagnostics only.
  external: ['pino'],
  metafile: true,
  logLevel: 'warning',
}
const script = await build({
  ...common,
  entryPoints: ['src/cli/start.ts'],
  outdir: parts,
  entryNames: '[name]-[hash]',
  format: 'cjs',
  // Latin-1 is read faster than UTF-8, and takes half the memory of two bytes a character.
  charset: 'ascii',
  // script.cts says why; what is left of it then are packages that are CommonJS.
  supported: { 'dynamic-import': false },
  // script.cts gives it what a module would have.
  banner: { js: '(function (module, require, scriptDirectory) {' },
  footer: { js: '})' },
  define: { 'import.meta.dirname': 'scriptDirectory' },
})
const [scriptFile = ''] = Object.keys(script.metafile.outputs)
const main = await build({
  ...common,
  entryPoints: ['src/cli/main.cts'],
  outfile: join(into, 'main.cjs'),
  external: ['./perform.js'],
  format: 'cjs',
  define: { scriptName: JSON.stringify(basename(scriptFile, '.js')) },
})
const others = await build({
  ...common,
  entryPoints: ['src/cli/perform.ts'],
  outdir: into,
  chunkNames: 'parts/[name]-[hash]',
  splitting: true,
  format: 'esm',
  // For libraries that are CommonJS.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)",
  },
})
const built = [script, main, others].map(({ metafile }) => metafile)
writeFileSync(join(root, buildIdFile), buildIdOf(built.flatMap(({ outputs }) => Object.keys(outputs))))
writeFileSync(join(parts, 'LICENSES'), licensesOf(built.flatMap(({ inputs }) => Object.keys(inputs))))

/** Of what was built: a plan that another build made is made anew. */
function buildIdOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** What the licenses of libraries ask of whoever passes them on. */
function licensesOf(inputs: readonly string[]): string {
  const names = new Set(inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []))
  return [...names].toSorted().map(licenseOf).join('\n')
}

function licenseOf(name: string): string {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  if (file === undefined) throw new Error(`${name} has no license`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8')}`
}
