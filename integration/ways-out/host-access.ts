/** The client host as the controls need it. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { World } from '../world/world.js'
import { controlPort } from './families.js'

/**
 * Lets the client host and its router follow source routes, and the host's users ping, which Linux does not by default
 * (ip-sysctl): else those ways would be shut outside too. Says whether it could.
 */
export async function openUp({ run, holder }: World): Promise<boolean> {
  const device = (name: string) => [
    `net.ipv4.conf.${name}.accept_source_route=1`,
    `net.ipv6.conf.${name}.seg6_enabled=1`,
  ]
  const settings = [...device('all'), ...device('eth0'), 'net.ipv4.ping_group_range=0 65534']
  const here = await run(['sysctl', '-qw', ...settings])
  const [internet = ''] = (await readFile(`/proc/${holder}/task/${holder}/children`, 'utf8')).split(' ')
  const there = await run([
    'nsenter',
    `--target=${internet}`,
    '--net',
    '--',
    'sysctl',
    '-qw',
    ...settings,
    ...device('lo'),
  ])
  return here.code === 0 && there.code === 0
}

/** The number of the host's eth0, and its link-local address. */
export async function deviceOf({ run }: World): Promise<{ readonly number: string; readonly linkLocal: string }> {
  const { stdout } = await run(['ip', '-6', '-oneline', 'address', 'show', 'dev', 'eth0', 'scope', 'link'])
  const [, number = '', linkLocal = ''] = /^(\d+): .* inet6 (fe80:\S+)\/64/.exec(stdout) ?? []
  return { number, linkLocal }
}

/** What reached the servers of the client host since this was last asked. */
export async function hostArrivals({ run }: World): Promise<readonly string[]> {
  const { stdout } = await run(['curl', '--silent', '--max-time', '5', `http://127.0.0.1:${controlPort}/`])
  return z.array(z.string()).parse(JSON.parse(stdout))
}
