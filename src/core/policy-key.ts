/** Where in a policy a thing came from, as the author would write it: `network.egress[0].port`. */
export type PolicyKey = string

/** Joins a parsed path (`['network', 'egress', 0]`) into a `PolicyKey`. */
export function toPolicyKey(path: readonly PropertyKey[]): PolicyKey {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`
    return key === '' ? String(part) : `${key}.${String(part)}`
  }, '')
}
