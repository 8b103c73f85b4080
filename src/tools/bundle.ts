/**
 * Puts the command and the libraries that every run needs into few files, in place of what the compiler made of
 * `cli/perform.ts`: finding and reading some four hundred modules is most of the time that a start takes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { packageRoot } from '../core/package-root.js'
import { buildIdFile } from '../launch/kept-file.js'

const root = packageRoot()
const into = join(root, 'dist/cli')
const parts = join(into, 'parts')

rmSync(parts, { recursive: true, force: true })
mkdirSync(parts, { recursive: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/perform.ts'],
  outdir: into,
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Less to read; names stay, for whoever reads where an error came from.
  minifyWhitespace: true,
  minifySyntax: true,
  // Loaded for diagnostics only.
  external: ['pino'],
  // For libraries that are CommonJS.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)",
  },
  metafile: true,
  logLevel: 'warning',
})
writeFileSync(join(root, buildIdFile), buildIdOf(metafile))
writeFileSync(join(parts, 'LICENSES'), licensesOf(Object.keys(metafile.inputs)))

/** Of what was built: a plan that another build made is made anew. */
function buildIdOf({ outputs }: Metafile): string {
  const hash = createHash('sha256')
  for (const file of Object.keys(outputs).toSorted()) hash.update(readFileSync(join(root, file)))
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
