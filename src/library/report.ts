import * as z from 'zod'
import { LaunchError } from '../core/errors.js'

/** docs/report.md: what the launcher tells once the sandbox has ended. */
const schema = z.object({
  policy: z.object({
    name: z.string().nullable(),
    description: z.string().nullable(),
    files: z.array(z.string()),
  }),
  command: z.array(z.string()),
  unsafe: z.array(z.object({ key: z.string(), reason: z.string() })),
  layers: z.array(
    z.object({
      layer: z.string(),
      protection: z.string(),
      status: z.enum(['fully_enforced', 'partially_enforced', 'not_enforced']),
      text: z.string(),
    }),
  ),
  status: z.number(),
  exit: z.number().optional(),
  signal: z.number().optional(),
  failure: z
    .object({ key: z.string().optional(), step: z.string().optional(), syscall: z.string(), errno: z.string() })
    .optional(),
  killedFor: z
    .object({
      auditArch: z.number(),
      number: z.number(),
      syscall: z.string(),
      refusedBy: z.array(z.string()).optional(),
      allowedBy: z.array(z.string()),
    })
    .optional(),
  network: z
    .looseObject({
      endpoints: z.array(
        z.looseObject({
          key: z.string(),
          connections: z.number(),
          refused: z.number(),
          bytesUp: z.number(),
          bytesDown: z.number(),
        }),
      ),
      connections: z.array(
        z.looseObject({
          key: z.string(),
          end: z.string(),
          address: z.string().optional(),
          tlsName: z.string().optional(),
          errno: z.string().optional(),
          bytesUp: z.number(),
          bytesDown: z.number(),
          durationMs: z.number(),
        }),
      ),
      unlisted: z.number(),
    })
    .optional(),
  limitsHit: z.array(z.string()),
  usage: z
    .object({
      cpuMs: z.number(),
      throttledMs: z.number(),
      memoryPeakBytes: z.number(),
      pidsRefused: z.number(),
    })
    .optional(),
  processes: z.object({ cpuMs: z.number(), residentPeakBytes: z.number() }),
  timedOut: z.boolean(),
  durationMs: z.number(),
})

/** The Report of one run (docs/report.md). */
export type Report = z.output<typeof schema>

/** @throws LaunchError when the launcher ended before it had told everything. */
export function parseReport(text: string): Report {
  const parsed = schema.safeParse(whole(text), { jitless: true })
  if (parsed.success) return parsed.data
  throw new LaunchError('report', '', 'read', parsed.error.issues[0]?.message ?? 'not a Report')
}

function whole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // which is no Report
  }
}
