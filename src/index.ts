/** The library: `import { Sandbox } from 'palisade'`. */
export { Sandbox, type OpenOptions, type PolicyObject } from './library/sandbox.js'
export type { Act } from './library/explain.js'
export type { Answer } from './compiler/explain-answer.js'
export type { SandboxPool } from './library/pool.js'
export type { RunResult } from './library/result.js'
export { SandboxProcess, type SandboxEvent } from './library/process.js'
export type {
  Command,
  Limits,
  OutputOptions,
  PoolOptions,
  PoolRunOptions,
  RunOptions,
  RunSettings,
  SpawnOptions,
} from './library/options.js'
export type { Denial, Outcome } from './library/outcome.js'
export type { Report } from './library/report.js'
export {
  CommandError,
  ComplexityError,
  HostError,
  InternalError,
  LaunchError,
  PolicyError,
  SandboxError,
  UsageError,
  type PlacedProblem,
} from './core/errors.js'
