import type { Profile, ProfileEntry, ProfileTest } from './profile.js'

/** A profile as the OCI runtime specification has it. Numbers may have 64 bits: written by hand, none is rounded. */
export function profileJson({ defaultAction, architectures, entries }: Profile): string {
  const errno = errnoOf(defaultAction.value)
  return [
    '{',
    `  "defaultAction": ${JSON.stringify(defaultAction.name)},`,
    ...(errno === null ? [] : [`  "defaultErrnoRet": ${errno},`]),
    `  "architectures": ${JSON.stringify(architectures ?? [])},`,
    '  "syscalls": [',
    entries.map(entryJson).join(',\n'),
    '  ]',
    '}',
    '',
  ].join('\n')
}

function entryJson({ names, action, args }: ProfileEntry): string {
  const errno = errnoOf(action.value)
  const parts = [
    `"names": ${JSON.stringify(names)}`,
    `"action": ${JSON.stringify(action.name)}`,
    ...(errno === null ? [] : [`"errnoRet": ${errno}`]),
    ...(args.length === 0 ? [] : [`"args": [${args.map(testJson).join(', ')}]`]),
  ]
  return `    { ${parts.join(', ')} }`
}

function testJson({ index, op, value, valueTwo }: ProfileTest): string {
  const second = op === 'MASKED_EQ' ? `, "valueTwo": ${valueTwo}` : ''
  return `{ "index": ${index}, "value": ${value}${second}, "op": "SCMP_CMP_${op}" }`
}

function errnoOf(value: number): number | null {
  return (value & 0xffff0000) >>> 0 === 0x00050000 ? value & 0xffff : null
}
