/** The change that turns a value of the wrong kind into what was probably meant. */
import type * as z from 'zod'
import { quote } from './characters.js'
import type { PolicyNode, ScalarNode } from './node.js'

type Issue = z.core.$ZodIssue

export function mend(issue: Issue, node: PolicyNode): string | undefined {
  if (issue.code === 'invalid_value') {
    // The reference has longer lists.
    return issue.values.length > 8 ? undefined : `write ${issue.values.map(String).join(' or ')}`
  }
  if (issue.code !== 'invalid_type') return undefined
  const isPort = ['port', 'publish'].includes(String(issue.path.at(-1)))
  if (node.kind === 'list' && isPort) return 'write an entry for each port'
  if (node.kind !== 'scalar') return undefined
  const text = String(node.value)
  if (node.value === null) return issue.expected === 'array' ? 'write [] for none' : 'give it a value or remove the key'
  const entry = entryOf(issue.path, text)
  if (issue.expected === 'array' && typeof node.value === 'string') return `write [${entry ?? quote(text)}]`
  if (issue.message === 'expected text') return `quote it: "${text}"`
  if (issue.expected === 'object' && entry !== undefined) return `write ${entry}`
  // YAML reads 5.10 as 5.1.
  if (/such as "/.test(issue.message) && typeof node.value === 'number') return `quote it: "${written(node)}"`
  if (issue.expected === 'number' && /^[0-9]+$/.test(text)) return 'remove the quotes'
  if (isPort && ports.has(text)) return `write ${ports.get(text)}`
  if (issue.expected === 'boolean') return truth.get(text.toLowerCase())
  return undefined
}

/** The entry of `network.egress` or `network.listen` that a text in its place means. */
function entryOf(path: readonly PropertyKey[], text: string): string | undefined {
  if (path.includes('egress')) {
    const [, scheme = '', host, port] = /^(?:(https?):\/\/)?([^\s:/]+)(?::([0-9]{1,5}))?(?:\/.*)?$/.exec(text) ?? []
    const number = port ?? ports.get(scheme)
    return host === undefined || number === undefined ? undefined : `{ host: ${host}, port: ${number} }`
  }
  if (!path.includes('listen')) return undefined
  // With two numbers, as container engines write it: the host's first.
  const [, first, second = first] = /^([0-9]{1,5})(?::([0-9]{1,5}))?$/.exec(text) ?? []
  return first === undefined ? undefined : `{ port: ${second}, publish: ${first} }`
}

const ports: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
])

/** A value as it stands in the text; of a policy without text, as it reads. */
function written({ value, span }: ScalarNode): string {
  const { source, start, end } = span
  return source.text === '' ? String(value) : source.text.slice(start, end)
}

/** What YAML 1.1 read as a boolean. */
const truth: ReadonlyMap<string, string> = new Map(
  ['yes', 'on', 'true', 'no', 'off', 'false'].map((word, index) => [word, `write ${index < 3 ? 'true' : 'false'}`]),
)
