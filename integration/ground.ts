import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programUid, type Harness } from './run.js'
import { must, searchPath } from './world/process.js'

/** Files of one user, granted, denied and neither, for acts on paths. */
export interface Ground {
  /** Granted for reading; holds `file`, and `link`, which leads to `secret`. */
  readonly read: string
  /** Granted for reading and writing; holds `file`, `program`, `policy.yaml` and `deny/file`. */
  readonly write: string
  /** Denied inside `write`. */
  readonly deny: string
  /** Granted nowhere. */
  readonly secret: string
  /** The policy file itself, inside `write`. */
  readonly policy: string
  /** A second grant to write, where a rename or link from `write` would have to cross. */
  readonly second: string
}

/** Makes the files and a policy that allows much, so that what is refused is refused for one reason. */
export async function makeGround(harness: Harness, uid: number, extra = ''): Promise<Ground> {
  const top = join(harness.own(uid), `ground-${(count += 1)}`)
  const at = (...parts: string[]) => join(top, ...parts)
  const ground = {
    read: at('read'),
    write: at('write'),
    deny: at('write/deny'),
    secret: at('secret'),
    policy: at('write/policy.yaml'),
    second: at('second'),
  }
  for (const directory of [top, ground.read, ground.write, ground.deny, ground.second]) await mkdir(directory)
  for (const file of [ground.secret, at('read/file'), at('write/file'), at('write/deny/file'), at('second/file')]) {
    await writeFile(file, 'content\n')
  }
  await symlink(ground.secret, at('read/link'))
  await copyFile(harness.probes.glibc, at('write/program'))
  await chmod(at('write/program'), 0o755)
  await writeFile(ground.policy, groundPolicy(harness, ground) + extra)
  // The program's user owns everything: no permission bit stands beside the sandbox's refusals.
  const owner = programUid(uid)
  if (process.getuid?.() === 0) await must(['chown', '-hR', `${owner}:${owner}`, top], { env: { PATH: searchPath } })
  return ground
}

let count = 0

function groundPolicy({ probes }: Harness, { read, write, deny, second }: Ground): string {
  return `version: 1
name: ground
filesystem:
  read: [${read}]
  write: [${write}, ${second}]
  deny: [${deny}]
  exec: [${probes.glibc}, ${probes.musl}, ${probes.i386}]
  tmp: 8M
network:
  egress: [{ host: 203.0.113.10, port: 443 }]
syscalls:
  promises: [stdio, rpath, wpath, cpath, fattr, inet, unix, proc, exec, threads]
process:
  environment: { pass: [GRANTED] }
`
}
