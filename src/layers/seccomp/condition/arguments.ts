/** What may be asked of an argument, by what the kernel does with it. */
import type { Arch } from '../../../host/facts.js'
import type { Argument, Syscall } from '../tables.js'
import { ConditionError, type Word } from './error.js'
import type { TestSyntax, ValueSyntax } from './grammar.js'

/** Throws `ConditionError` where a test of this form would not mean what it says. */
export function checkArgument(syntax: TestSyntax, argument: Argument, call: Syscall, arch: Arch): void {
  const name = `${argument.name} of ${call.name}`
  switch (argument.class) {
    case 'pointer':
      if (isNullTest(syntax)) return
      throw pointerError(name, argument, call, syntax)
    case 'split':
      throw splitError(name, argument, arch, syntax.argument)
    case 's32':
    case 's64':
      checkNull(syntax, name)
      if (syntax.relation === 'in' || syntax.relation === 'not in') return
      throw new ConditionError(
        `${name} is signed, and a filter compares unsigned: -1 would be the largest value`,
        syntax.source,
        'test for single values, with == or in [...]',
      )
    case 'w32':
    case 'u16':
    case 'u64':
      checkNull(syntax, name)
      return
    case 'maybe-pointer32':
    case 'maybe-pointer64':
      return
  }
}

function checkNull({ values }: TestSyntax, name: string): void {
  const item = values.flatMap(({ items }) => items).find(({ text }) => text === 'NULL')
  if (item !== undefined) throw new ConditionError(`${name} is a number, and NULL is for pointers`, item, 'write 0')
}

function splitError(name: string, argument: Argument, arch: Arch, at: Word): ConditionError {
  const message = argument.name.startsWith('__')
    ? `${name} on ${arch} is padding before a 64-bit value`
    : `${name} on ${arch} is half of a 64-bit value, and halves cannot be compared`
  return new ConditionError(message, at, 'make the rule for 64-bit arches only (arch: x86_64), or leave this test out')
}

function pointerError(name: string, argument: Argument, call: Syscall, { source }: TestSyntax): ConditionError {
  return new ConditionError(
    `${name} is a pointer: the kernel reads what it points to after the filter has run, and another thread can change ` +
      'it in between; only a comparison with NULL holds',
    source,
    carrierOf(argument.name, call.name),
  )
}

/** Which layer carries what an author would ask of a pointer. */
function carrierOf(argument: string, call: string): string {
  if (call.startsWith('exec')) return 'say which programs may start in filesystem.exec (the mount view and Landlock)'
  if (/(?:file|path|old|new|dir|from|dev)_?name|pathname|^path$|^special/.test(argument)) {
    return (
      'say which paths may be used in filesystem.read, filesystem.write and filesystem.deny ' +
      '(the mount view and Landlock)'
    )
  }
  if (/^(?:connect|bind|sendto|sendmsg|sendmmsg|accept4?)$/.test(call)) {
    return 'say which addresses may be reached in network.egress (the network namespace and Landlock)'
  }
  if (/rlimit|rlim$/.test(call + argument)) return 'say how much the program may use in limits (setrlimit)'
  const direct = new Map([
    ['openat2', 'openat'],
    ['clone3', 'clone'],
  ]).get(call)
  if (direct !== undefined) {
    return `write the rule on ${direct}, whose flags are an argument; without a grant ${call} answers ENOSYS`
  }
  return 'allow or refuse the call as a whole: no other layer looks into this memory'
}

function isNullTest({ mask, relation, values }: TestSyntax): boolean {
  return mask === null && (relation === 'in' || relation === 'not in') && values.every(isNull)
}

function isNull({ complement, items }: ValueSyntax): boolean {
  return complement === 'none' && items.every(({ text }) => text === 'NULL' || text === '0')
}

/** An argument that is a pointer for some commands may be tested only beside a test that fixes the command. */
export function checkCommands(
  tests: readonly { readonly syntax: TestSyntax; readonly argument: Argument }[],
  call: Syscall,
): void {
  if (tests.some(({ syntax, argument }) => isCommand(argument, call) && isExact(syntax))) return
  const wrong = tests.find(({ syntax, argument }) => isMaybePointer(argument) && !isNullTest(syntax))
  if (wrong === undefined) return
  const command = call.arguments.find((argument) => isCommand(argument, call))
  throw new ConditionError(
    `${wrong.argument.name} of ${call.name} is a pointer for some commands and a value for others`,
    wrong.syntax.source,
    command === undefined
      ? 'allow or refuse the call as a whole'
      : `add a test that fixes the command, beside this one: ${command.name} == ... and ${wrong.syntax.source.text}`,
  )
}

/** The argument that says what the others are, in the kernel's spelling. */
function isCommand({ name }: Argument, { arguments: all }: Syscall): boolean {
  const spellings = ['cmd', 'option', 'request', 'call']
  return spellings.includes(name) && all.some(isMaybePointer)
}

function isMaybePointer({ class: kind }: Argument): boolean {
  return kind === 'maybe-pointer32' || kind === 'maybe-pointer64'
}

function isExact({ relation, mask }: TestSyntax): boolean {
  return relation === 'in' && mask === null
}
