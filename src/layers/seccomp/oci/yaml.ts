import type { Action } from '../action.js'
import type { FilterRequest, Rule } from '../request.js'
import { letsByDefault } from '../request.js'

/** A whole policy that has the filter of a request, as YAML. `comments` come first. */
export function policyYaml(name: string, request: FilterRequest, comments: readonly string[]): string {
  const { denied, otherwise = 'denied', allow = [], rules = [] } = request
  const reason = 'The profile that it was made from lets everything through that it does not name.'
  return [
    ...comments.map((line) => `# ${line}`),
    'version: 1',
    `name: ${name}`,
    '',
    'syscalls:',
    ...(otherwise === 'denied' ? [`  denied: ${denied}`] : [`  otherwise: ${otherwise}`]),
    ...(allow.length === 0 ? [] : ['  allow:', ...wrapNames(allow)]),
    ...(rules.length === 0 ? [] : ['  rules:', ...rules.map(ruleLine)]),
    ...(letsByDefault(request) ? ['', 'unsafe:', '  allow-by-default:', `    reason: ${reason}`] : []),
    '',
  ].join('\n')
}

function wrapNames(names: readonly string[]): readonly string[] {
  const lines = names.reduce<readonly string[]>((done, name) => {
    const last = done.at(-1)
    return last === undefined || last.length + name.length > 110
      ? [...done, `    ${name},`]
      : [...done.slice(0, -1), `${last} ${name},`]
  }, [])
  return ['    [', ...lines.map((line) => `  ${line}`), '    ]']
}

function ruleLine({ syscall, arch, when, action }: Rule): string {
  const parts = [
    ...(arch === undefined ? [] : [`arch: ${typeof arch === 'string' ? arch : `[${arch.join(', ')}]`}`]),
    `syscall: ${syscall}`,
    ...(when === undefined
      ? []
      : [`when: ${typeof when === 'string' ? quoted(when) : `[${when.map(quoted).join(', ')}]`}`]),
    `action: ${actionYaml(action)}`,
  ]
  return `    - { ${parts.join(', ')} }`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function actionYaml(action: Action): string {
  return typeof action === 'string' ? action : `{ errno: ${action.errno} }`
}
