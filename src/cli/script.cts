/**
 * A script with what V8 had made of it when it was built (a code cache, beside its text). Where there is none of this
 * very Node, or V8 was given other options, it compiles the text.
 */
import fs = require('node:fs')
import path = require('node:path')
import vm = require('node:vm')
import type * as start from './start.js' with { 'resolution-mode': 'import' }

type Exports = typeof start
type Main = (module: { exports: Exports | null }, load: typeof require, directory: string) => void

interface LoadedScript {
  readonly script: vm.Script
  readonly exports: Exports
}

/**
 * `name` is the file's without its ending. It holds a sum of the text: V8 itself compares nothing but the length. A
 * script has no import(): code from a cache knows no loader.
 */
function loadScript(name: string): LoadedScript {
  const filename = `${name}.js`
  const cachedData = readCache(cacheOf(name))
  const options = cachedData === null ? { filename } : { filename, cachedData }
  const script = new vm.Script(fs.readFileSync(filename, 'latin1'), options)
  const main: unknown = script.runInThisContext()
  const module: { exports: Exports | null } = { exports: null }
  if (isMain(main)) main(module, require, path.dirname(filename))
  if (module.exports === null) throw new Error(`${filename} is not as it was built`)
  return { script, exports: module.exports }
}

/**
 * Where this Node has its cache. V8 compares the numbers of its own version, but those of Node 20.17 and 20.20 are the
 * same, and one dies of what the other has made: so the name says which file of which Node it was.
 */
function cacheOf(name: string): string {
  const { size, mtimeMs } = fs.statSync(process.execPath)
  return `${name}.${process.version}-${process.arch}-${size}-${mtimeMs}.cache`
}

function isMain(value: unknown): value is Main {
  return typeof value === 'function'
}

/** Null: it has not been made, or cannot be read. The text alone is enough. */
function readCache(file: string): Buffer | null {
  try {
    return fs.readFileSync(file)
  } catch {
    return null
  }
}

export = { cacheOf, loadScript }
