// The reporter that CI reads: failures with their place and difference, then one closing line.
// A Transform around the parser, because tap pipes its output in and our text out.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Transform } from 'node:stream'
import { Parser } from 'tap-parser'

/** The reviewed numbers: a test that starts to skip itself is a failure until it is counted there. */
const expectedSkips = readExpected(readFileSync(new URL('expected-skips', import.meta.url), 'utf8'))

/** Places and differences have their own lines; the rest of this is tap's way of starting a file. */
const printedElsewhere = new Set('at diff source stack compare stdio cwd externalID command args jobId'.split(' '))

const seconds = (milliseconds) => (typeof milliseconds === 'number' ? `${(milliseconds / 1000).toFixed(1)} s` : '')

// tap loads a reporter by its default export.
export default class CiReporter extends Transform {
  #counts = { passed: 0, failed: 0, skipped: 0 }
  #files = new Set()
  /** Number of skips by `FILE<tab>REASON`. */
  #skips = new Map()
  #parser = new Parser()

  constructor() {
    super({ encoding: 'utf8' })
    this.#watch(this.#parser, [])
  }

  _transform(chunk, _encoding, done) {
    this.#parser.write(chunk)
    done()
  }

  _flush(done) {
    this.#parser.once('complete', () => {
      this.#close()
      done()
    })
    this.#parser.end()
  }

  /** Counts leaves: the line that closes a subtest counts only if nothing inside it said the same. */
  #watch(parser, names) {
    let before = null
    parser.on('child', (child) => {
      before = { ...this.#counts }
      this.#watch(child, [...names, child.name])
    })
    parser.on('assert', (result) => {
      const start = before
      before = null
      if (names.length === 0) this.#files.add(result.name)
      if (names.length === 0) this.push(`${result.ok ? 'ok  ' : 'FAIL'} ${result.name} ${seconds(result.time)}\n`)
      if (start !== null && this.#isTold(result, start)) return
      this.#count(result, names)
    })
    // Tables that a test prints for its reader; other comments are tap's own.
    parser.on('comment', (comment) => {
      if (comment.startsWith('# |')) this.push(comment.slice(2))
    })
    parser.on('bailout', (reason) => this.#fail([...names, `bail out: ${reason}`].join(' > '), {}))
  }

  #isTold(result, start) {
    if (!result.ok) return this.#counts.failed > start.failed
    const leaves = ({ passed, failed, skipped }) => passed + failed + skipped
    return leaves(this.#counts) > leaves(start)
  }

  #count(result, names) {
    const name = [...names, result.name].join(' > ')
    if (result.skip || result.todo) {
      this.#counts.skipped += 1
      const reason = result.skip || result.todo
      const key = `${names[0] ?? result.name}\t${reason}`
      this.#skips.set(key, (this.#skips.get(key) ?? 0) + 1)
      this.push(`SKIP ${name}: ${reason}\n`)
    } else if (result.ok) {
      this.#counts.passed += 1
    } else {
      this.#fail(name, result.diag ?? {})
    }
  }

  #fail(name, diag) {
    this.#counts.failed += 1
    const at = diag.at === undefined ? '' : `${diag.at.fileName}:${diag.at.lineNumber}:${diag.at.columnNumber}`
    const rest = Object.entries(diag).filter(([key]) => !printedElsewhere.has(key))
    const details = rest.map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    const lines = [at, diag.source, diag.diff, ...details, at === '' ? diag.stack : undefined]
    this.push(`FAIL ${name}\n`)
    for (const line of lines.filter((text) => text !== undefined && text !== '')) {
      this.push(`${String(line).trimEnd().replaceAll(/^/gm, '  ')}\n`)
    }
  }

  #close() {
    const { passed, failed, skipped } = this.#counts
    const unexpected = this.#unexpectedSkips()
    for (const text of unexpected) this.push(`FAIL ${text}\n`)
    const failures = failed + unexpected.length
    if (failures > 0 || passed === 0) process.once('exit', () => (process.exitCode ||= 1))
    this.push(`${passed} passed, ${failures} failed, ${skipped} skipped\n`)
  }

  /** What differs from the reviewed numbers in the files that ran. */
  #unexpectedSkips() {
    const expected = new Map(
      expectedSkips.flatMap(({ reason, command, files }) => {
        const here = files.filter(([file]) => this.#files.has(file))
        if (here.length === 0 || !isTrueHere(command)) return []
        return here.map(([file, number]) => [`${file}\t${reason}`, number])
      }),
    )
    return [...new Set([...this.#skips.keys(), ...expected.keys()])].flatMap((key) => {
      const [found, wanted] = [this.#skips, expected].map((counts) => counts.get(key) ?? 0)
      const [file, reason] = key.split('\t')
      return found === wanted ? [] : [`${file}: ${found} skipped because ${reason}; expected here: ${wanted}`]
    })
  }
}

/** Lines REASON<tab>COMMAND, each followed by lines <tab>NUMBER<tab>FILE. */
function readExpected(text) {
  const facts = []
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const [first, second, file] = line.split('\t')
    if (first !== '') facts.push({ reason: first, command: second, files: [] })
    else facts.at(-1).files.push([file, Number(second)])
  }
  return facts
}

/** Another look than that of the tests. A command that fails in any way shows nothing. */
function isTrueHere(command) {
  const path = new URL(`../${command}`, import.meta.url).pathname
  return spawnSync(path, { stdio: 'ignore' }).status === 0
}
