// The reporter that CI reads: failures with their place and difference, then one closing line.
// A Transform around the parser, because tap pipes its output in and our text out.
import { readFileSync } from 'node:fs'
import { Transform } from 'node:stream'
import { Parser } from 'tap-parser'

/** The one reviewed number: a test that starts to skip itself is a failure until it is counted here. */
const expectedSkips = Number(readFileSync(new URL('expected-skips', import.meta.url), 'utf8').trim())

/** Places and differences have their own lines; the rest of this is tap's way of starting a file. */
const printedElsewhere = new Set('at diff source stack compare stdio cwd externalID command args jobId'.split(' '))

const seconds = (milliseconds) => (typeof milliseconds === 'number' ? `${(milliseconds / 1000).toFixed(1)} s` : '')

// tap loads a reporter by its default export.
export default class CiReporter extends Transform {
  #counts = { passed: 0, failed: 0, skipped: 0 }
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
      this.push(`SKIP ${name}: ${result.skip || result.todo}\n`)
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
    const unexpected = skipped === expectedSkips ? 0 : 1
    if (unexpected > 0) this.push(`FAIL ${skipped} skipped, .ci/expected-skips says ${expectedSkips}\n`)
    if (failed + unexpected > 0 || passed === 0) process.once('exit', () => (process.exitCode ||= 1))
    this.push(`${passed} passed, ${failed + unexpected} failed, ${skipped} skipped\n`)
  }
}
