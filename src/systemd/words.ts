/** The command of an `ExecStart=`, as far as it can be read without systemd: no specifiers, no variables. */
export interface ExecCommand {
  readonly words: readonly string[]
  /** `--policy` of the sandbox-exec in it; null: it runs none, or none with a policy. */
  readonly policy: string | null
  readonly runsSandbox: boolean
  /** `--plan`: a policy is behind it. */
  readonly hasPlan: boolean
}

/** Splits as systemd.service(5) does: words, quotes of both kinds, C escapes for themselves; prefixes are dropped. */
export function readCommand(value: string): ExecCommand {
  const words = [...value.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
  const [first = '', ...rest] = words
  const all = [first.replace(/^[@\-:+!|]+/, ''), ...rest]
  const at = all.findIndex((word) => /(^|\/)(sandbox-exec|palisade-launcher|main\.cjs)$/.test(word))
  const ours = at === -1 ? [] : all.slice(at + 1)
  const end = ours.indexOf('--')
  const own = end === -1 ? ours : ours.slice(0, end)
  const hasPlan = own.some((word) => word === '--plan' || word.startsWith('--plan='))
  return { words: all, policy: policyIn(own), runsSandbox: at !== -1, hasPlan }
}

function policyIn(words: readonly string[]): string | null {
  const joined = words.find((word) => word.startsWith('--policy='))
  if (joined !== undefined) return joined.slice('--policy='.length)
  const at = words.findIndex((word) => word === '--policy' || word === '-p')
  return at === -1 ? null : (words[at + 1] ?? null)
}
