import type { Outcome, Running } from '../../world/process.js'

/** A server that a test has started in the internet of its world. */
export interface Server {
  close(): Promise<void>
}

/** Waits until `ask` succeeds; fails with what the server said if it ends before, or stays silent for too long. */
export async function serverOf(running: Running, ask: () => Promise<Outcome>): Promise<Server> {
  const ended = running.outcome.then(({ stdout, stderr }) => {
    throw new Error(`the server ended:\n${stdout}${stderr}`)
  })
  const deadline = Date.now() + 60_000
  for (;;) {
    const answer = await Promise.race([ask(), ended])
    if (answer.code === 0) break
    if (Date.now() > deadline) throw new Error(`no server answers:\n${answer.stdout}${answer.stderr}`)
  }
  // From now on its end is what `close` asks for.
  ended.catch(() => {})
  const close = async (): Promise<void> => {
    running.signal('SIGINT')
    await running.outcome
  }
  return { close }
}
