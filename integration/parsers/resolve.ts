/** What c-ares says: resolve.js NAME... A line for each: its addresses, or the code of an error for each family. */
import { Resolver } from 'node:dns/promises'

const resolver = new Resolver()
for (const name of process.argv.slice(2)) {
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const words = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [codeOf(answer.reason)]))
  process.stdout.write(`${words.join(' ')}\n`)
}

function codeOf(reason: unknown): string {
  return reason instanceof Error && 'code' in reason ? String(reason.code) : String(reason)
}
