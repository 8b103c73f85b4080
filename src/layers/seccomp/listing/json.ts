import { auditArch } from '../arch.js'
import { convertedSize } from '../code/converted-size.js'
import { tablesKernel } from '../tables.js'
import { archesOf, type Listed } from './listed.js'

/**
 * The filter as JSON; docs/bpf.md describes the form. `filter` holds the instructions as struct sock_filter does, all
 * of them whole numbers.
 */
export function listingJson({ title, program, meaning }: Listed): string {
  const value = {
    version: 1,
    title,
    architectures: meaning === null ? null : archesOf(meaning).map((arch) => ({ name: arch, audit: auditArch[arch] })),
    tables: meaning === null ? null : tablesKernel,
    instructions: program.length,
    bytes: program.length * 8,
    converted: convertedSize(program),
    filter: program.map(({ code, jt, jf, k }) => ({ code, jt, jf, k })),
  }
  return `${JSON.stringify(value, null, 1).replaceAll(/\{\s+"code": (\d+),\s+"jt": (\d+),\s+"jf": (\d+),\s+"k": (\d+)\s+\}/g, '{ "code": $1, "jt": $2, "jf": $3, "k": $4 }')}\n`
}
