import { run, searchPath } from '../world/process.js'

/**
 * What runs a command in the real-time class (sched(7)), in which other work on the machine delays nobody; nothing where
 * we may not.
 */
export async function realTime(): Promise<readonly string[]> {
  const prefix = ['chrt', '--rr', '1']
  const { code } = await run([...prefix, 'true'], { env: { PATH: searchPath } })
  return code === 0 ? prefix : []
}
