import { run, searchPath } from '../../integration/world/process.js'
import { loadAddon } from '../../src/launch/addon.js'
import type { Layer } from '../layers.js'

/** Texts by name, for whoever looks at a point that failed. */
export type Details = Readonly<Record<string, string>>

type Tell = (layer: Layer, ok: boolean, name: string, details: Details) => void

/** Prints the plan and what the matrix asks of a guest; returns what prints a point. */
export async function beginTap(planned: number): Promise<Tell> {
  console.log(`TAP version 14\n1..${planned}`)
  console.log(`# fact release ${await text(['uname', '-r'])}`)
  console.log(`# fact machine ${await text(['uname', '-m'])}`)
  const { abi, errata } = loadAddon().landlockAbi()
  console.log(`# fact landlock ${abi} ${errata}`)
  let points = 0
  let told: Layer | null = null
  return (layer, ok, name, details) => {
    if (layer !== told) console.log(`# layer ${layer}`)
    told = layer
    console.log(`${ok ? 'ok' : 'not ok'} ${(points += 1)} - ${name}`)
    if (!ok) console.log(`  ---\n${Object.entries(details).map(block).join('')}  ...`)
  }
}

function block([name, value]: readonly [name: string, value: string]): string {
  return `  ${name}: |\n${value.replaceAll(/^/gm, '    ')}\n`
}

async function text(argv: readonly string[]): Promise<string> {
  return (await run(argv, { env: { PATH: searchPath } })).stdout.trim()
}
