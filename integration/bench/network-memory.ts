/** What Palisade's own processes hold while the program in the sandbox keeps connections open. */
import { palisade, type Tools } from './network-candidates.js'
import { isClient, type Load } from './network-load.js'
import { serverAddress, serverPort } from './network-place.js'
import { residentsOf, roleOf, sumOf } from './resident.js'

const steps = [1, 100, 1000]
const goalKib = 1.6 * 1024

/** Alone on the machine: PSS divides a page among all processes that map it. */
export async function memory(tools: Tools): Promise<string> {
  const load = await palisade('memory', `{ host: ${serverAddress}, port: ${serverPort} }`, tools)
  try {
    return await measure(load)
  } finally {
    await load.close()
  }
}

async function measure(load: Load): Promise<string> {
  const lines: string[] = []
  const sums: number[] = []
  for (const wanted of steps) {
    const held = await load.ask(`hold ${wanted}`)
    const residents = residentsOf(load.pid, isClient)
    const sum = sumOf(residents)
    sums.push(sum)
    const parts = residents.map(({ pid, kib }) => `${roleOf(pid, load.pid)} ${kib}`).join(', ')
    const short = held < wanted ? `  (of ${wanted}: the relay takes no more)` : ''
    lines.push(`${`${held}`.padStart(11)}${`${sum}`.padStart(9)}  ${parts}${short}\n`)
  }
  const [first = Number.NaN] = sums
  const answer = first <= goalKib ? 'met' : 'missed'
  return [
    '\nPSS in KiB while the program keeps connections open, each used once (buffers in the kernel are not in it)\n',
    'connections      sum  by process\n',
    ...lines,
    `at most 1.6 MiB at one connection: ${(first / 1024).toFixed(2)} ${answer}\n`,
  ].join('')
}
