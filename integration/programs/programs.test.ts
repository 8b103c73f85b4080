/** Real programs under the policies that ship: what each is for works, and nothing else does. */
import { chmod, copyFile, cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { answerOf, answersOf } from '../probes/probes.js'
import { makeHarness } from '../run.js'
import { addresses } from '../world/addresses.js'
import { no32Bit } from '../world/host-kernel.js'
import { must, searchPath } from '../world/process.js'

const checkout = join(import.meta.dirname, '../../..')
const sources = join(checkout, 'integration/programs')
const policy = (name: string) => ({ file: join(checkout, 'policies', `${name}.yaml`) })
const harness = await makeHarness()
const { world } = harness

/** Everything a program tries, with the answer that it must get in the sandbox. */
const targets = [
  { url: 'https://api.example.test/', inside: /^reached \S+ GET \/ at 203\.0\.113\.10:443$/ },
  { url: 'https://api.example.test:8443/', inside: /^refused \S+ EACCES$/ },
  { url: `https://${addresses.denied}/`, inside: /^refused \S+ ENETUNREACH$/ },
  { url: `https://${addresses.other}/`, inside: /^refused \S+ ENETUNREACH$/ },
  // A name outside the policy is in no hosts file, and there is no resolver to ask.
  { url: 'https://denied.example.test/', inside: /^refused \S+ (?!EACCES|ENETUNREACH)/ },
]
const urls = targets.map(({ url }) => url)

const applications = [
  { name: 'node', policy: 'node-app', argv: ['node', 'app.mjs'] },
  { name: 'python3', policy: 'python-app', argv: ['/usr/bin/python3', 'app.py'] },
  { name: 'a static Go program', policy: 'go-app', argv: ['./app'] },
]

for (const uid of world.uids) {
  const folder = join(harness.own(uid), 'app')
  await mkdir(folder)
  await Promise.all(['app.mjs', 'app.py'].map((name) => copyFile(join(sources, name), join(folder, name))))
  await buildGo(join(folder, 'app'))

  for (const { name, policy: policyName, argv } of applications) {
    t.test(`uid ${uid}: ${name} reaches the one endpoint and fails elsewhere (${policyName})`, async (t) => {
      const options = { uid, directory: folder }
      const confined = await harness.sandboxed(policy(policyName), [...argv, ...urls], options)
      const lines = confined.stdout.trimEnd().split('\n')
      for (const [index, { url, inside }] of targets.entries()) {
        t.match(lines[index] ?? '', inside, `${url} ${confined.stderr}`)
      }
      const free = await world.run([...argv, ...urls], options)
      const reached = free.stdout.split('\n').filter((line) => line.startsWith('reached'))
      t.equal(reached.length, urls.length, `control: outside it reaches all ${free.stdout}`)
    })
  }

  t.test(`uid ${uid}: curl reaches the one endpoint and fails elsewhere (single-https)`, async (t) => {
    await world.forget()
    for (const { url, inside } of targets) {
      const argv = ['curl', '--silent', '--show-error', '--max-time', '8', url]
      const { code, stdout } = await harness.sandboxed(policy('single-https'), argv, { uid })
      t.equal(inside.test(`reached ${url} ${stdout.trim()}`), code === 0, url)
      if (url !== urls[0]) t.not(code, 0, url)
    }
    t.same(
      await world.arrivals(),
      [{ protocol: 'tcp', address: addresses.allowed, port: 443 }],
      'one connection arrived',
    )
    for (const url of urls) t.equal((await world.run(['curl', '--silent', url], { uid })).code, 0, `control: ${url}`)
  })

  t.test(`uid ${uid}: a static musl program reaches the one endpoint and fails elsewhere (go-app)`, async (t) => {
    const acts = [
      ['tcp', '198.18.0.1', '443'],
      ['tcp', '198.18.0.1', '8443'],
      ['tcp', addresses.allowed, '443'],
    ]
    const stdin = acts.map((act) => `${act.join(' ')}\n`).join('')
    const file = await harness.policyFile(`version: 1
name: musl
extends: ${join(checkout, 'policies/go-app.yaml')}
syscalls: { promises: [proc] }
`)
    const confined = await harness.sandboxed({ file }, [harness.probes.musl, 'batch'], {
      uid,
      directory: folder,
      stdin,
    })
    t.same(answersOf(confined), ['ok', 'EACCES', 'ENETUNREACH'], confined.stderr)
    t.equal(answerOf(await world.run([harness.probes.musl, 'tcp', addresses.allowed, '443'], { uid })), 'ok', 'control')
  })

  t.test(`uid ${uid}: a build makes its output and has no network (offline-build)`, async (t) => {
    const project = (name: string) => join(harness.own(uid), name)
    for (const name of ['confined', 'free']) await makeProject(project(name), uid)
    const confined = await harness.sandboxed(policy('offline-build'), ['make'], { uid, directory: project('confined') })
    t.equal(confined.code, 0, confined.stderr)
    const result = (name: string, file: string) => readFile(join(project(name), 'build', file), 'utf8')
    t.equal(await result('confined', 'greeting'), 'built\n')
    t.equal(await result('confined', 'network'), 'refused\n')
    t.equal(await result('confined', 'source'), 'refused\n')
    const free = await world.run(['make'], { uid: harness.programUid(uid), directory: project('free') })
    t.equal(free.code, 0, free.stderr)
    t.equal(await result('free', 'network'), 'reached\n', 'control: outside the build downloads')
    t.equal(await result('free', 'source'), 'written\n', 'control: outside the build changes its sources')
  })

  t.test(
    `uid ${uid}: a 32-bit tool of a build has no network either, by either way to a socket`,
    { skip: no32Bit },
    async (t) => {
      const project = join(harness.own(uid), 'build32')
      await makeProject(project, uid)
      await copyFile(harness.probes.i386, join(project, 'probe32'))
      await chmod(join(project, 'probe32'), 0o755)
      const run = (...call: string[]) =>
        harness.sandboxed(policy('offline-build'), ['./probe32', ...call], { uid, directory: project })
      const outside = (...call: string[]) => world.run([harness.probes.i386, ...call], { uid })
      t.equal(answerOf(await run('359', '2', '1', '0')), 'EPERM', 'socket(AF_INET)')
      t.equal(answerOf(await outside('359', '2', '1', '0')), 'ok', 'control: socket(AF_INET)')
      t.equal(answerOf(await outside('102', '1', 'buffer')), 'ok', 'control: socketcall(SYS_SOCKET)')
      t.equal(answerOf(await run('359', '1', '1', '0')), 'ok', 'socket(AF_UNIX) goes on working')
    },
  )

  t.test(`uid ${uid}: a certificate parser reads stdin, prints, and can do nothing else (pure-compute)`, async (t) => {
    const stdin = await readFile(world.certificates.certificate, 'utf8')
    const parse = ['openssl', 'x509', '-noout', '-subject']
    const parsed = await harness.sandboxed(policy('pure-compute'), parse, { uid, stdin })
    t.match(parsed, { code: 0, stdout: /CN = api\.example\.test/ })
    const act = async (...argv: string[]) =>
      answerOf(await harness.sandboxed(policy('pure-compute'), [harness.probes.glibc, ...argv], { uid }))
    t.equal(await act('read', '/etc/machine-id'), 'ENOENT')
    t.equal(await act('create', '/tmp/new'), 'EPERM')
    t.equal(await act('tcp', addresses.allowed, '443'), 'EPERM')
    t.equal(await act('exec', harness.probes.glibc, 'credentials'), 'ENOSYS', 'a second execve(2)')
    t.equal(await act('forks', '1'), 'EPERM')
    const free = (...argv: string[]) => world.run([harness.probes.glibc, ...argv], { uid })
    for (const argv of [
      ['tcp', addresses.allowed, '443'],
      ['exec', harness.probes.glibc, 'credentials'],
      ['forks', '1'],
    ]) {
      t.equal(answerOf(await free(...argv)), 'ok', `control: ${argv.join(' ')}`)
    }
  })

  t.test(`uid ${uid}: a log parser reads its log and is killed for anything else (syslog-parse)`, async (t) => {
    const count = ['awk', '/sshd/ { n++ } END { print n }', '/var/log/syslog']
    t.match(await harness.sandboxed(policy('syslog-parse'), count, { uid }), { code: 0, stdout: '2\n' })
    const shell = ['awk', 'BEGIN { system("echo started") }']
    const killed = await harness.sandboxed(policy('syslog-parse'), shell, { uid })
    t.equal(killed.code, 128 + 31, `${killed.stdout}${killed.stderr}`)
    t.match(killed.report, /clone|fork/, 'the Report names the call')
    t.match(await world.run(shell, { uid }), { code: 0, stdout: 'started\n' }, 'control')
  })
}

t.teardown(() => harness.close())

async function makeProject(folder: string, uid: number): Promise<void> {
  await cp(join(sources, 'project'), folder, { recursive: true })
  await mkdir(join(folder, 'build'))
  const owner = harness.programUid(uid)
  if (process.getuid?.() === 0) await must(['chown', '-R', `${owner}:${owner}`, folder])
}

/** Built once; the compiler's cache stays in the checkout's build folder. */
async function buildGo(target: string): Promise<void> {
  const cache = join(checkout, 'build-test/go-cache')
  const env = { PATH: searchPath, HOME: world.directory, GOCACHE: cache, CGO_ENABLED: '0', GO111MODULE: 'off' }
  await must(['go', 'build', '-o', target, join(sources, 'app.go')], { env, timeoutMs: 240_000 })
}
