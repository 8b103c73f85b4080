import { SandboxError } from '../../../core/errors.js'
import { maximumInstructions } from './bpf.js'

/** A filter with more instructions than the kernel takes (BPF_MAXINSNS of linux/bpf_common.h). */
export class FilterTooLongError extends SandboxError {
  readonly code = 'ERR_SANDBOX_FILTER_TOO_LONG'
  override readonly name = 'FilterTooLongError'
  constructor(readonly instructions: number) {
    super(
      `the system calls' filter has ${instructions} instructions, the kernel takes ${maximumInstructions}\n` +
        '  fix: drop rules, or tests and values of their conditions',
    )
  }
}
