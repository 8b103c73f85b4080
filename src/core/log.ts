import type { Logger } from 'pino'

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof logLevels)[number]

let logger: Logger | null = null

/** Turns on diagnostics as JSON lines on standard error. Without this call nothing is loaded or printed. */
export async function startLog(level: LogLevel): Promise<void> {
  // Loaded only when asked for: it would cost every start some milliseconds.
  const { pino, destination } = await import('pino')
  // Synchronous, because the process becomes another program.
  logger = pino({ name: 'sandbox-exec', level }, destination({ fd: 2, sync: true }))
}

/** Notes what happened, with its data. */
export function log(
  level: Exclude<LogLevel, 'silent'>,
  message: string,
  data: Readonly<Record<string, unknown>>,
): void {
  logger?.[level](data, message)
}
