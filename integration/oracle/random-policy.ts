import type { Arch } from '../../src/host/facts.js'
import { allArches, isWide, reachableArches } from '../../src/layers/seccomp/arch.js'
import { bindAlternatives } from '../../src/layers/seccomp/condition/bind.js'
import { ConditionError } from '../../src/layers/seccomp/condition/error.js'
import { promiseNames } from '../../src/layers/seccomp/promises.js'
import type { FilterRequest, Rule } from '../../src/layers/seccomp/request.js'
import { syscallTable, type Argument, type Syscall } from '../../src/layers/seccomp/tables.js'
import type { Random } from '../faults/random.js'

/** One of a list. */
export function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[random(from.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

/** Random promises, rules with conditions from the whole language, and allowed calls, for any arch. */
export function randomRequest(random: Random, tables: ReadonlyMap<Arch, readonly Syscall[]>): FilterRequest {
  const arch = pick(random, allArches)
  const density = pick(random, [4, 8, 16])
  const rules = Array.from({ length: random(10) }, () => randomRule(random, arch, tables))
  const native = tables.get(arch) ?? []
  return {
    arch,
    promises: promiseNames.filter(() => random(density) === 0),
    denied: pick(random, ['EPERM', 'kill']),
    ...(random(12) === 0 ? { otherwise: pick(random, ['allow', 'log'] as const) } : {}),
    ...(random(12) === 0 ? { minimumKernel: pick(random, ['4.19', '5.10', '6.1']) } : {}),
    rules,
    allow: Array.from({ length: random(4) }, () => pick(random, native).name),
  }
}

/** The calls of every arch, for `randomRequest`. */
export function allCalls(): ReadonlyMap<Arch, readonly Syscall[]> {
  return new Map(allArches.map((arch) => [arch, [...syscallTable(arch).byName.values()]]))
}

/** Calls with many conditions in promises: rules on them meet what the promises say. */
const busy = ['ioctl', 'socket', 'mmap', 'mmap2', 'openat', 'clone', 'fcntl', 'prctl', 'setsockopt', 'sendto', 'mknod']

function randomRule(random: Random, native: Arch, tables: ReadonlyMap<Arch, readonly Syscall[]>): Rule {
  const arch = pick(random, reachableArches(native))
  const all = tables.get(arch) ?? []
  const known = all.filter(({ name }) => busy.includes(name))
  const call = pick(random, random(3) === 0 ? known : all)
  const drawn = Array.from({ length: random(4) }, () => randomCondition(random, call, arch))
  const when = drawn.filter((text) => text !== null)
  const action = pick(random, [
    'allow',
    'allow',
    'log',
    'trap',
    'kill_process',
    'kill_thread',
    'user_notif',
    { errno: 'EACCES' },
    { errno: 'ENOSYS' },
  ] as const)
  return { syscall: call.name, arch, ...(when.length === 0 ? {} : { when }), action }
}

/** A condition that fits the call; null: it has no argument that can be tested, or no draw fits. */
export function randomCondition(random: Random, call: Syscall, arch: Arch): string | null {
  if (call.arguments.length === 0) return null
  for (let tries = 0; tries < 4; tries += 1) {
    const text = randomText(random, call, arch)
    try {
      bindAlternatives(text, call, arch)
      return text
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error
    }
  }
  return null
}

function randomText(random: Random, call: Syscall, arch: Arch): string {
  const test = (): string => randomTest(random, pick(random, call.arguments), arch)
  switch (random(5)) {
    case 0:
      return test()
    case 1:
      return `(${test()} or ${test()}) and ${test()}`
    default:
      return Array.from({ length: 1 + random(3) }, test).join(' and ')
  }
}

function randomTest(random: Random, argument: Argument, arch: Arch): string {
  const { name } = argument
  if (argument.class === 'pointer') return `${name} ${pick(random, ['==', '!='])} NULL`
  const long = argument.class === 'u64' || argument.class === 's64' || argument.class === 'maybe-pointer64'
  const width = argument.class === 'u16' ? 16 : long && isWide(arch) ? 64 : 32
  const value = (): bigint => randomValue(random, width)
  const values = (count: number, one: () => bigint): string =>
    [...new Set(Array.from({ length: count }, one))].join(', ')
  const mask = random(3) === 0 ? value() | 1n : 1n << BigInt(random(width))
  const within = (): bigint => pick(random, [0n, mask, value() & mask])
  switch (random(8)) {
    case 0:
      return `${name} in [${values(1 + random(12), value)}]`
    case 1:
      return `${name} not in [${values(1 + random(4), value)}]`
    case 2:
      return `${name} & ${mask} ${pick(random, ['==', '!='])} ${within()}`
    case 3:
      return `${name} & ${mask} ${pick(random, ['in', 'not in'])} [${values(2, within)}]`
    case 4:
    case 5:
      return `${name} ${pick(random, ['<', '<=', '>', '>='])} ${value()}`
    default:
      return `${name} ${pick(random, ['==', '!='])} ${value()}`
  }
}

const borders = [0n, 1n, 2n, 3n, 7n, 8n, 0xffn, 0x1000n, 0x7fffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n]

function randomValue(random: Random, width: number): bigint {
  const drawn = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32))
  switch (random(4)) {
    case 0:
      return BigInt.asUintN(width, drawn)
    case 1:
      return BigInt.asUintN(width, BigInt(random(64)))
    case 2:
      return BigInt.asUintN(width, -BigInt(1 + random(3)))
    default:
      return BigInt.asUintN(width, pick(random, borders))
  }
}
