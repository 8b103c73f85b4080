/** What a program's file says of how its process will be protected (readelf(1)). */
import { must } from './world/process.js'

/** By `readelf --file-header --program-headers --dynamic --relocs --notes`. */
const protections: Readonly<Record<string, (text: string) => boolean>> = {
  'is at another address each time': (text) => /^ +Type: +DYN /m.test(text),
  'has no loader': (text) => !/^ +INTERP /m.test(text),
  'links nothing': (text) => !/\(NEEDED\)/.test(text),
  'has its constants written before it runs': (text) => /^ +GNU_RELRO /m.test(text) && /FLAGS.*\bNOW\b/.test(text),
  'has a stack that is no code': (text) => /^ +GNU_STACK( +0x[0-9a-f]+){5} RW +/m.test(text),
  'has nothing that is written and run': (text) => !/^ +LOAD( +0x[0-9a-f]+){5} RWE /m.test(text),
  'has addresses only where something is moved': (text) =>
    relocations(text).every((type) => type.endsWith('_RELATIVE')),
  // In every object, or the linker says it of none; only x86_64 processors have it.
  'is entered only where it says so': (text) =>
    !/Machine: .*X86-64$/m.test(text) || /x86 feature:.* IBT, SHSTK/.test(text),
  'has no constructors, which nobody would call': (text) => !/\((PREINIT|INIT)_ARRAY\)|\(INIT\)/.test(text),
}

export const allProtections = Object.keys(protections)

/** Those that the program at `path` lacks. */
export async function lacking(path: string): Promise<readonly string[]> {
  const parts = ['--file-header', '--program-headers', '--dynamic', '--relocs', '--notes']
  const text = await must(['readelf', '--wide', ...parts, path])
  return allProtections.filter((name) => protections[name]?.(text) !== true)
}

function relocations(text: string): readonly string[] {
  return [...text.matchAll(/^[0-9a-f]{8,16} +[0-9a-f]{8,16} +(R_\w+)/gm)].map(([, type = '']) => type)
}
