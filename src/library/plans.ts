import { isDeepStrictEqual } from 'node:util'
import { compile, type CompiledPlan } from '../compiler/compile.js'
import { InternalError, UsageError } from '../core/errors.js'
import type { Launcher } from '../host/cgroup.js'
import { hostFiles, type Files } from '../host/files.js'
import { descriptorKind } from '../host/inherited.js'
import type { Kernel } from '../host/probe.js'
import { Witness } from '../host/witness.js'
import { loadAddon } from '../launch/addon.js'
import { placeVariables } from '../host/plan-places.js'
import { comparedPlan, doubtOf, lasts, namesOf } from '../launch/kept-file.js'
import { hiddenPlaces } from '../launch/kept-place.js'
import { look, type Looked, type Start } from '../launch/prepare.js'
import { encodePlan } from '../plan/codec.js'
import type { LoadedPolicy } from '../policy/load.js'
import type { Policy } from '../policy/policy.js'
import type { Variables } from '../policy/variables.js'
import type { LaunchPlan } from './launch.js'
import { identityOf, policyFor, type PlanSettings, type SpawnOptions } from './options.js'

/** A plan, and all that it was made from. */
interface Made {
  readonly policy: LoadedPolicy
  readonly looked: Looked
  readonly plan: CompiledPlan
  readonly bytes: Uint8Array
  readonly owner: LaunchPlan['owner']
}

/** One that the launcher compares with the host itself. */
interface Remembered extends Made {
  /** Null: only this process can compare it. */
  readonly compared: Uint8Array | null
  /** What the launcher cannot compare: it has none of them. */
  readonly variables: SeenVariables
}

type SeenVariables = Readonly<Record<string, string | undefined>>

/** Different programs and settings whose plans are remembered. */
const rememberedMax = 64

/**
 * The plans of one policy. The host is looked at for every run: by this process, or by the launcher, which takes a tenth
 * of the time and does it beside its other work. A plan is made anew only if it would be another one.
 */
export class Plans {
  readonly #policy: LoadedPolicy
  readonly #variables: Variables
  readonly #launcher: Launcher
  readonly #kernel: Kernel
  /** By `identityOf`, the one used last at the end. */
  readonly #made = new Map<string, Remembered>()

  constructor(policy: LoadedPolicy, variables: Variables, launcher: Launcher) {
    this.#policy = policy
    this.#variables = variables
    this.#launcher = launcher
    this.#kernel = kernelOnce()
  }

  get policy(): Policy {
    return this.#policy.policy
  }

  /**
   * The plan of a program. If `mayDoubt`, it may turn out that it is not for this moment (`PlanChanged`): then `forget`
   * it, and ask again.
   * @throws PolicyError, HostError, CommandError, UsageError.
   */
  async planOf(program: string, settings: PlanSettings, asked: Asked): Promise<LaunchPlan> {
    const { descriptors } = asked
    const identity = identityOf(program, settings)
    const known = identity === null ? undefined : this.#made.get(identity)
    const policy = known?.policy ?? policyFor(this.#policy, settings, this.#variables)
    const passed = passedDescriptors(policy, descriptors ?? {})
    const [planDescriptor, reportDescriptor, commandDescriptor] = freeNumbers(passed)
    const numbers = { planDescriptor, reportDescriptor, commandDescriptor, passed }
    const isAsBefore =
      asked.mayDoubt && known !== undefined && isDeepStrictEqual(known.variables, seenVariables(policy))
    const compared = isAsBefore ? (known?.compared ?? null) : null
    if (known !== undefined && compared !== null) return { ...numbers, bytes: compared, owner: known.owner }
    const witness = new Witness(hostFiles)
    const start = this.#start(program, { descriptor: reportDescriptor }, witness)
    const looked = await look(policy, start, this.#kernel, witness)
    const made = known !== undefined && isDeepStrictEqual(known.looked, looked) ? known : make(policy, looked, program)
    if (identity !== null) this.#remember(identity, remembered(made, witness))
    return { ...numbers, bytes: made.bytes, owner: made.owner }
  }

  /** Of a plan that was not for its moment. */
  forget(program: string, settings: PlanSettings): void {
    const identity = identityOf(program, settings)
    if (identity !== null) this.#made.delete(identity)
  }

  /** The plan of a program, for whoever only asks. */
  async compiled(program: string): Promise<CompiledPlan> {
    const start = this.#start(program, null, hostFiles)
    const { path, facts, options } = await look(this.#policy, start, this.#kernel, hostFiles)
    return compile(this.#policy, facts, { path, arguments: [program] }, options)
  }

  #start(program: string, report: Start['report'], files: Files): Start {
    return { argv: [program], report, startedAs: undefined, hiddenPaths: hiddenPlaces(files), launcher: this.#launcher }
  }

  #remember(identity: string, made: Remembered): void {
    this.#made.delete(identity)
    this.#made.set(identity, made)
    const [oldest] = this.#made.keys()
    if (this.#made.size > rememberedMax && oldest !== undefined) this.#made.delete(oldest)
  }
}

/** What a run has beside its settings. */
interface Asked {
  readonly descriptors?: SpawnOptions['descriptors']
  /** Whether the launcher may be left to find out that the host has changed. */
  readonly mayDoubt: boolean
}

function remembered(made: Made, witness: Witness): Remembered {
  const { policy, plan, looked } = made
  const prepared = { policy, plan, facts: looked.facts }
  const lastsUnseen = lasts(prepared) && doubtOf(prepared, witness) === null
  const compared = lastsUnseen ? comparedPlan(prepared, witness) : null
  return { ...made, compared, variables: seenVariables(policy) }
}

function seenVariables(policy: LoadedPolicy): SeenVariables {
  const names = [...namesOf(policy), ...placeVariables, 'PATH']
  return Object.fromEntries(names.map((name) => [name, process.env[name]]))
}

/** The arguments are told when the program is run. */
function make(policy: LoadedPolicy, looked: Looked, program: string): Made {
  const plan = compile(policy, looked.facts, { path: looked.path, arguments: [program] }, looked.options)
  return { policy, looked, plan, bytes: encodePlan(plan), owner: ownerOf(plan) }
}

/** Whether user namespaces can be had is tried once: a fork of this process is most of what a look costs. */
function kernelOnce(): Kernel {
  const addon = loadAddon()
  let userNamespaceError: number | null = null
  return {
    landlockAbi: () => addon.landlockAbi(),
    userNamespaceError: () => (userNamespaceError ??= addon.userNamespaceError()),
    describeSocket: (descriptor) => addon.describeSocket(descriptor),
  }
}

/** By the number that the program has them by. */
function passedDescriptors(
  { policy }: LoadedPolicy,
  given: Readonly<Record<string, number>>,
): ReadonlyMap<number, number> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(policy.process.descriptors, name))
  if (unknown !== undefined) throw new UsageError(`descriptors.${unknown}: the policy has no such descriptor`)
  return new Map(
    Object.entries(policy.process.descriptors).map(([name, number]) => {
      const descriptor = given[name]
      if (descriptor !== undefined) return [number, checkedDescriptor(name, descriptor)]
      throw new UsageError(`descriptors.${name}: the policy passes it to the program; give an open descriptor`)
    }),
  )
}

function checkedDescriptor(name: string, descriptor: number): number {
  const kind = descriptorKind(descriptor)
  if (kind === 'other') return descriptor
  // Names are looked up from a directory's descriptor as the host has them, past every mount of the view.
  const found = kind === 'closed' ? 'is not open' : 'is a directory, which would carry the host into the sandbox'
  throw new UsageError(`descriptors.${name}: ${descriptor} ${found}; give a file, a pipe or a socket`)
}

/** Who the program is on the host. */
function ownerOf({ steps }: CompiledPlan): LaunchPlan['owner'] {
  const clone = steps.find((step) => step.op === 'namespaces.clone')
  if (clone === undefined) throw new InternalError('a plan without namespaces')
  return { uid: clone.uidOutside, gid: clone.gidOutside }
}

/** Three that the program does not have. */
function freeNumbers(passed: ReadonlyMap<number, number>): readonly [number, number, number] {
  const free = Array.from({ length: passed.size + 3 }, (_, index) => index + 3).filter((one) => !passed.has(one))
  const [first, second, third] = free
  if (first === undefined || second === undefined || third === undefined) throw new InternalError('no free descriptor')
  return [first, second, third]
}
