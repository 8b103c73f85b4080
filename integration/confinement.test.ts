/** What a hostile program can do in a sandbox that grants much, each refusal beside the same act outside. */
import { copyFile, link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { makeGround, type Ground } from './ground.js'
import { answerOf, answersOf } from './probes/probes.js'
import { makeHarness } from './run.js'
import { addresses } from './world/addresses.js'
import { no32Bit, skipWithout32Bit } from './world/host-kernel.js'

interface Act {
  readonly claim: string
  readonly act: readonly string[]
  readonly inside: string
  /** The answer without the sandbox; `ok` when absent. */
  readonly outside?: string
  /** Who does it outside; an act that only root can do needs root as its control. Absent: the same user. */
  readonly control?: 'root' | 'none'
}

const { allowed, denied, other } = addresses

const network: readonly Act[] = [
  { claim: 'the granted endpoint is reached', act: ['tcp', allowed, '443'], inside: 'ok' },
  { claim: 'another address has no route', act: ['tcp', denied, '443'], inside: 'ENETUNREACH' },
  { claim: 'another network has no route', act: ['tcp', other, '443'], inside: 'ENETUNREACH' },
  { claim: 'another port of the endpoint is refused', act: ['tcp', allowed, '8443'], inside: 'EACCES' },
  { claim: 'UDP to the endpoint is refused', act: ['udp', allowed, '443'], inside: 'EACCES' },
  { claim: 'UDP to another address is refused', act: ['udp', denied, '443'], inside: 'EACCES' },
  { claim: 'MPTCP, which Landlock does not see, is refused', act: ['mptcp', allowed, '443'], inside: 'EPERM' },
  { claim: 'TCP Fast Open, which connects in sendto, is refused', act: ['fastopen', allowed, '8443'], inside: 'EPERM' },
  { claim: 'a raw socket is refused', act: ['socket', '2', '3', '1'], inside: 'EPERM', control: 'root' },
  { claim: 'a packet socket is refused', act: ['socket', '17', '3', '768'], inside: 'EPERM', control: 'root' },
  { claim: 'a netlink socket is refused', act: ['socket', '16', '3', '0'], inside: 'EPERM' },
  { claim: 'a vsock socket is refused', act: ['socket', '40', '1', '0'], inside: 'EPERM' },
  { claim: 'io_uring is not there', act: ['syscall', '425', '1', 'buffer'], inside: 'ENOSYS' },
]

const paths = ({ read, write, deny, secret, policy, second }: Ground): readonly Act[] => [
  { claim: 'a granted file is read', act: ['read', `${read}/file`], inside: 'ok' },
  { claim: 'a granted file is written', act: ['write', `${write}/file`, 'x'], inside: 'ok' },
  { claim: 'a file that is not granted is not there', act: ['read', secret], inside: 'ENOENT' },
  { claim: 'a symlink does not lead out of a grant', act: ['read', `${read}/link`], inside: 'ENOENT' },
  { claim: 'a file granted for reading is not written', act: ['write', `${read}/file`, 'x'], inside: 'EROFS' },
  { claim: 'a file granted for reading is not cut', act: ['truncate', `${read}/file`], inside: 'EROFS' },
  { claim: 'nothing is created under a read grant', act: ['create', `${read}/new`], inside: 'EROFS' },
  { claim: 'a denied file inside a write grant is not read', act: ['read', `${deny}/file`], inside: 'EACCES' },
  { claim: 'a denied directory is not listed', act: ['list', deny], inside: 'EACCES' },
  { claim: 'a denied directory is not renamed away', act: ['rename', deny, `${write}/gone`], inside: 'EBUSY' },
  { claim: 'a denied directory is not removed', act: ['rmdir', deny], inside: 'EBUSY', outside: 'ENOTEMPTY' },
  { claim: 'a denied directory is not exchanged', act: ['exchange', deny, second], inside: 'EXDEV' },
  { claim: 'a denied directory is not opened by chmod', act: ['chmod', deny, '0755'], inside: 'EROFS' },
  { claim: 'the policy is not written', act: ['write', policy, 'version: 1'], inside: 'EROFS' },
  { claim: 'the policy is not removed', act: ['unlink', policy], inside: 'EBUSY' },
  { claim: 'the policy is not replaced', act: ['rename', `${write}/file`, policy], inside: 'EBUSY' },
  { claim: 'no link crosses from a read grant', act: ['link', `${read}/file`, `${write}/linked`], inside: 'EXDEV' },
  { claim: 'no link crosses between write grants', act: ['link', `${write}/file`, `${second}/new`], inside: 'EXDEV' },
  {
    claim: 'a program in a write grant is not started',
    act: ['exec', `${write}/program`, 'credentials'],
    inside: 'EACCES',
  },
  { claim: 'code in a write grant is not mapped', act: ['map-code', `${write}/program`], inside: 'EPERM' },
  {
    claim: 'a program in memory is not started',
    act: ['exec-memory', `${write}/program`, 'credentials'],
    inside: 'ENOSYS',
  },
  { claim: 'a device node is not made', act: ['mknod', `${write}/null`, '1', '3'], inside: 'EPERM', control: 'root' },
  {
    claim: 'a file handle leads nowhere',
    act: ['open-by-handle', `${write}/file`, write],
    inside: 'EPERM',
    control: 'root',
  },
  { claim: 'the root is not written', act: ['mkdir', '/new'], inside: 'EROFS', control: 'none' },
  { claim: 'the root is not listed', act: ['list', '/'], inside: 'EACCES' },
]

const calls: readonly Act[] = [
  { claim: 'pid 1 shows no environment', act: ['read', '/proc/1/environ'], inside: 'EACCES', control: 'root' },
  { claim: 'pid 1 shows no memory', act: ['read', '/proc/1/mem'], inside: 'EACCES', outside: 'EIO', control: 'root' },
  { claim: 'no sysctl is there', act: ['write', '/proc/sys/kernel/hostname', 'x'], inside: 'ENOENT', control: 'root' },
  { claim: 'only processes are in /proc', act: ['stat', '/proc/meminfo'], inside: 'ENOENT' },
  { claim: 'no /sys is there', act: ['list', '/sys'], inside: 'ENOENT' },
  { claim: 'the parent is not traced', act: ['ptrace', 'parent'], inside: 'EPERM', control: 'root' },
  {
    claim: "the parent's memory is not read",
    act: ['read-memory', 'parent'],
    inside: 'EPERM',
    outside: 'EFAULT',
    control: 'root',
  },
  {
    claim: "the parent's descriptors are not taken",
    act: ['steal-descriptor', 'parent', '0'],
    inside: 'EPERM',
    control: 'root',
  },
  { claim: 'a user namespace is not made', act: ['unshare', '0x10000000'], inside: 'EPERM' },
  { claim: 'a mount namespace is not made', act: ['unshare', '0x20000'], inside: 'EPERM', control: 'root' },
  { claim: 'clone makes no user namespace', act: ['clone', '0x10000000'], inside: 'EPERM' },
  {
    claim: 'clone3, whose flags lie in memory, is not there',
    act: ['syscall', '435', 'buffer', '0'],
    inside: 'ENOSYS',
    outside: 'EINVAL',
  },
  { claim: 'no namespace is joined', act: ['setns', '/proc/1/ns/net'], inside: 'EACCES', control: 'root' },
  { claim: 'nothing is mounted', act: ['mount', '/tmp'], inside: 'EPERM', control: 'root' },
  { claim: 'nothing is unmounted', act: ['umount', '/usr/bin'], inside: 'EPERM', outside: 'EINVAL', control: 'root' },
  { claim: 'no mount is made writable', act: ['remount', '/proc'], inside: 'EPERM', control: 'root' },
  {
    claim: 'the root is not pivoted',
    act: ['pivot-root', '/usr/bin'],
    inside: 'EPERM',
    outside: 'EBUSY',
    control: 'root',
  },
  { claim: 'no chroot', act: ['chroot-escape'], inside: 'EPERM', control: 'root' },
  {
    claim: 'the new mount calls are refused',
    act: ['syscall', '430', 'text:tmpfs', '0'],
    inside: 'EPERM',
    control: 'root',
  },
  {
    claim: 'bpf is refused',
    act: ['syscall', '321', '0', 'buffer', '72'],
    inside: 'EPERM',
    outside: 'EINVAL',
    control: 'root',
  },
  {
    claim: 'perf_event_open is refused',
    act: ['syscall', '298', 'text:\u0001', '0', '-1', '-1', '0'],
    inside: 'EPERM',
    control: 'root',
  },
  { claim: 'userfaultfd is refused', act: ['syscall', '323', '1'], inside: 'EPERM' },
  {
    claim: 'kexec_load is refused',
    act: ['syscall', '246', '0', '0', '0', '0'],
    inside: 'EPERM',
    outside: 'ENOSYS',
    control: 'root',
  },
  {
    claim: 'the session keyring is not handed to the parent',
    act: ['syscall', '250', '18'],
    inside: 'EPERM',
    control: 'root',
  },
  { claim: 'keyctl is refused', act: ['syscall', '250', '0', '-3', '0'], inside: 'EPERM', outside: 'ok' },
  { claim: 'an unknown call is ENOSYS', act: ['syscall', '9999'], inside: 'ENOSYS', outside: 'ENOSYS' },
  { claim: 'a terminal takes no pushed input', act: ['push-input'], inside: 'EPERM', outside: 'ENOTTY' },
  { claim: 'nor with dirty high bits', act: ['push-input', '0xdead00000000'], inside: 'EPERM', outside: 'ENOTTY' },
  { claim: 'a console is not pasted into', act: ['paste'], inside: 'EPERM', outside: 'ENOTTY' },
  { claim: 'nor with dirty high bits, again', act: ['paste', '0xdead00000000'], inside: 'EPERM', outside: 'ENOTTY' },
  {
    claim: 'the x32 form of a granted call is refused',
    act: ['syscall', '0x40000027'],
    inside: 'ENOSYS',
    outside: 'ENOSYS',
  },
  { claim: 'the 32-bit form of a granted call is allowed', act: ['i386', '20'], inside: 'ok' },
  {
    claim: 'the 32-bit form of mount is refused',
    act: ['i386', '21', 'buffer', 'buffer', 'buffer', '0', '0'],
    inside: 'EPERM',
    outside: 'ENOENT',
    control: 'root',
  },
  { claim: 'the 32-bit form of unshare is refused', act: ['i386', '310', '0x10000000'], inside: 'EPERM' },
]
const kernel = calls.filter(({ act }) => no32Bit === false || act[0] !== 'i386')

/** Names itself and lets programs of /usr run. */
const plain = `version: 1
name: plain
syscalls: { promises: [stdio, rpath, wpath, cpath, proc, exec] }
`

const programs = 'filesystem: { read: [/usr], exec: [/usr] }\n'

const harness = await makeHarness()
const root = harness.world.uids.includes(0)

for (const uid of harness.world.uids) {
  for (const [area, acts] of Object.entries({ network, paths, kernel })) {
    t.test(`uid ${uid}: ${area}`, async (t) => {
      const list = (ground: Ground) => (typeof acts === 'function' ? acts(ground) : acts)
      const ground = await makeGround(harness, uid)
      const rows = list(ground)
      const stdin = rows.map(({ act }) => `${act.join(' ')}\n`).join('')
      const batch = await harness.sandboxed({ file: ground.policy }, [harness.probes.glibc, 'batch'], { uid, stdin })
      const answers = answersOf(batch)
      t.equal(answers.length, rows.length, batch.stderr)
      if (area === 'kernel') skipWithout32Bit(t, 'the 32-bit form of calls')
      for (const [index, row] of rows.entries()) {
        t.equal(answers[index], row.inside, row.claim)
        if (row.control === 'none' || (row.control === 'root' && !root)) continue
        // Fresh files for each control: what one act changes is no other's start.
        const free = list(await makeGround(harness, uid))[index] ?? row
        t.equal(await control(free, uid), row.outside ?? 'ok', `control: ${row.claim}`)
      }
    })
  }
}

for (const uid of harness.world.uids) {
  t.test(`uid ${uid}: a directory as descriptor, which leads past the view, is refused`, async (t) => {
    const policy = `${plain}${programs}process: { descriptors: { journal: 5 } }\n`
    const file = await harness.policyFile(policy)
    const opened = async (redirection: string) => {
      const shell = ['sh', '-c', `exec "$@" ${redirection}`, 'sh']
      const outcome = await harness.world.run([...shell, ...harness.command, '--policy', file, '--', 'true'], { uid })
      return `${outcome.code} ${outcome.stderr}`
    }
    t.match(await opened('5</'), /^125 .*process.descriptors.journal: needs a file, .* found a directory/)
    t.match(await opened('5</dev/null </'), /^125 .*as descriptor 0, found a directory/)
    t.match(await opened('5</dev/null 1</'), /^125 .*as descriptor 1, found a directory/)
    t.equal(await opened('5</dev/null'), '0 ', 'control')
  })

  t.test(
    `uid ${uid}: the Report's file is opened when there is a plan, and is nothing that the program chose`,
    async (t) => {
      const { read, write, policy } = await makeGround(harness, uid)
      const reported = async (report: string, text = plain, program = ['true']) => {
        const grants = `filesystem: { read: [/usr], exec: [/usr], write: [${write}] }\n`
        const outcome = await harness.sandboxed({ text: text + grants }, program, { uid, flags: ['--report', report] })
        return `${outcome.code} ${outcome.stderr}`
      }
      // Root's program owns the ground, and root can write it as well.
      const free = join(read, 'file')
      t.match(await reported(free, 'version: 2\nname: bad\n'), /^125 /)
      t.equal(await readFile(free, 'utf8'), 'content\n', 'a bad policy cuts no file')
      t.equal(await reported(free), '0 ')
      t.match(JSON.parse(await readFile(free, 'utf8')), { status: 0 }, 'control')
      t.match(await reported(join(read, 'link')), /^125 .*found a symlink/)
      t.match(await reported(join(write, 'new')), /^125 .*filesystem.write.*new in .* does not exist/s)
      await symlink(policy, join(write, 'planted'))
      t.match(await reported(join(write, 'planted')), /^125 .*the symlink .*planted in /s)
      const there = join(write, 'file')
      const act = ['sh', '-c', 'rm -f "$1"; echo mine >"$1"', 'sh', there]
      t.match(await reported(there, plain, act), /^[1-9]/)
      t.match(JSON.parse(await readFile(there, 'utf8')), { policy: { name: 'plain' } }, 'read-only from inside')
      t.equal((await harness.world.run(act, { uid })).code, 0, 'control')
    },
  )

  t.test(`uid ${uid}: the Report's descriptor is not the program's`, async (t) => {
    const given = `${plain}${programs}process: { descriptors: { journal: 3 } }\n`
    const outcome = await harness.sandboxed({ text: given }, ['true'], { uid })
    t.match(outcome, { code: 125, stderr: /--report 3: the policy gives this descriptor to the program/ })
    t.equal((await harness.sandboxed({ text: plain + programs }, ['true'], { uid })).code, 0, 'control')
  })

  t.test(`uid ${uid}: what the program could plant for the next run is refused then`, async (t) => {
    const { write, read, second } = await makeGround(harness, uid)
    const run = async (entry: string, argv = ['true']) => {
      const grants = `filesystem: { read: [/usr], exec: [/usr], write: [${write}], ${entry} }\n`.replace(', }', ' }')
      const outcome = await harness.sandboxed({ text: plain + grants }, argv, { uid })
      return `${outcome.code} ${outcome.stderr}`
    }
    const out = join(write, 'out')
    const move = `move: [${out}]`
    await mkdir(out)
    t.equal(await run(move), '0 ', 'control')
    t.equal(await run('', ['sh', '-c', `rmdir ${out} && ln -s ${read} ${out}`]), '0 ', 'the program plants a link')
    t.match(await run(move), /^125 .*filesystem.move\[0\]: .* leads through the symlink .*out, which lies in /s)
    await link(join(write, 'file'), join(write, 'other-name'))
    t.match(await run(`deny: [${join(write, 'file')}]`), /^125 .*filesystem.deny\[0\]: .* has 2 hard links/s)
    t.equal(await run(`deny: [${join(write, 'program')}]`), '0 ', 'control')
    const script = join(write, 'script')
    await writeFile(script, `#!${join(second, 'shell')}\n`, { mode: 0o755 })
    await copyFile('/bin/sh', join(second, 'shell'))
    t.match(await run('', [script]), /^125 .*started by .*shell, which no entry grants/)
    await writeFile(script, '#!/bin/sh\n')
    t.equal(await run('', [script]), '0 ', 'control')
  })
}

t.teardown(() => harness.close())

const asChild = ['sh', '-c', '"$@"; exit $?', 'sh']

async function control({ act, control }: Act, uid: number): Promise<string> {
  // What root does as a control stays in namespaces that end with it, as the child of a pid 1 that hides nothing.
  const scratch =
    control === 'root' ? ['unshare', '--mount', '--uts', '--pid', '--fork', '--mount-proc', '--', ...asChild] : []
  const as = control === 'root' ? 0 : uid
  return answerOf(await harness.world.run([...scratch, harness.probes.glibc, ...act], { uid: as }))
}
