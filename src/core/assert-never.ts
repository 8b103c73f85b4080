import { InternalError } from './errors.js'

/** Closes an exhaustive `switch`: a new variant becomes a type error here, a hostile one an `InternalError`. */
export function assertNever(value: never): never {
  throw new InternalError(`unexpected variant ${JSON.stringify(value)}`)
}
