import type { Problem } from '../core/errors.js'
import type { Finding } from './finding.js'
import { walk, type PolicyNode } from './node.js'
import { identity } from './merge.js'
import { letsByDefault } from '../layers/seccomp/request.js'
import type { Policy } from './policy.js'
import { placeOf, type Span } from './source-text.js'

/** What one value alone does not show: statements of a policy that contradict one another. */
export function checkPolicy(policy: Policy): readonly Problem[] {
  return [...checkExec(policy), ...checkOtherwise(policy), ...checkDescriptors(policy)]
}

/** Without the promise, or the call by its name, the filter lets one execve(2) pass, the command's own. */
function checkExec({ filesystem, syscalls }: Policy): readonly Problem[] {
  const { promises, allow = [], rules = [] } = syscalls
  const allowedByRule = rules
    .filter(({ action }) => action === 'allow' || action === 'log')
    .map(({ syscall }) => syscall)
  const named = [...allow, ...allowedByRule].some((call) => call === 'execve' || call === 'execveat')
  if (filesystem.exec.length === 0 || promises.includes('exec') || letsByDefault(syscalls) || named) return []
  return [
    {
      key: 'filesystem.exec',
      message: 'grants programs that no promise lets anyone use',
      fix: 'add exec to syscalls.promises, or remove the grant: the command itself needs none',
    },
  ]
}

/** A filter that refuses only what it names is said twice: where it happens, and among the openings with its reason. */
function checkOtherwise({ syscalls, unsafe }: Policy): readonly Problem[] {
  const said = unsafe['allow-by-default'] !== undefined
  if (letsByDefault(syscalls) && !said) {
    const message = 'lets through every call that no rule refuses: the filter then protects from nothing else'
    return [{ key: 'syscalls.otherwise', message, fix: 'say why in unsafe.allow-by-default.reason, or name promises' }]
  }
  if (letsByDefault(syscalls) || !said) return []
  const message = 'is an opening that nothing uses: syscalls.otherwise is neither allow nor log'
  return [{ key: 'unsafe.allow-by-default', message, fix: 'remove it' }]
}

function checkDescriptors({ process: { descriptors } }: Policy): readonly Problem[] {
  const names = new Map<number, string>()
  return Object.entries(descriptors).flatMap(([name, descriptor]) => {
    const earlier = names.get(descriptor)
    if (earlier === undefined) {
      names.set(descriptor, name)
      return []
    }
    return [
      {
        key: `process.descriptors.${name}`,
        message: `names descriptor ${descriptor}, as ${earlier} does`,
        fix: 'remove one',
      },
    ]
  })
}

/** The same item twice in one list: most often a slip of one who meant another. */
export function checkDuplicates(root: PolicyNode): readonly Finding[] {
  return [...walk(root)].flatMap(({ key, node }) => (node.kind === 'list' ? duplicates(key, node.items) : []))
}

function duplicates(key: string, items: readonly PolicyNode[]): readonly Finding[] {
  const first = new Map<string, { readonly index: number; readonly span: Span }>()
  return items.flatMap((item, index) => {
    const same = first.get(identity(item))
    if (same === undefined) {
      first.set(identity(item), { index, span: item.span })
      return []
    }
    const { line } = placeOf(same.span)
    const message = `is listed twice, first ${line === 0 ? `as [${same.index}]` : `on line ${line}`}`
    return [{ key: `${key}[${index}]`, message, fix: 'remove one', span: item.span }]
  })
}
