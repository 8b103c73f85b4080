import { findForbidden } from '../../policy/characters.js'
import { section, textAs } from '../../policy/values.js'
import type { Reading } from '../../policy/reading.js'

/** `unsafe`: openings that undo a part of the sandbox. Each has a reason, which `explain` and every Report repeat. */
export function schema() {
  const reason = textAs('a sentence', /\S/, readReason).describe('Why this policy cannot do without it.')
  return section({
    'host-root': section({ reason })
      .optional()
      .describe("Lets the program run as the host's uid 0, which can write what root owns wherever it is granted."),
    'allow-by-default': section({ reason })
      .optional()
      .describe('Lets `syscalls.otherwise` be `allow` or `log`: whatever bug the kernel has in any call is in reach.'),
  })
}

function readReason(text: string): Reading<string> {
  if (findForbidden(text, 'value') !== null || text.trim() === '')
    return { refused: 'is no reason', fix: 'say why it is needed' }
  return text.length > 1000 ? { refused: 'is longer than 1000 characters' } : { value: text }
}
