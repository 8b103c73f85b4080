/**
 * `network.via: route` on the world's client host: what passes, what does not beside the same act outside, and that
 * nothing stays on the host however a run ends. Root's part; a user is refused.
 */
import t from 'tap'
import { answerOf } from './probes/probes.js'
import { end, makeRouted, settings } from './route/routed.js'
import { addresses, link, names } from './world/addresses.js'

t.setTimeout(280_000)
const routed = await makeRouted()
const { policy, policyOf, napping, hostState } = routed
const { harness } = routed.sweep
const { world, probes } = harness
t.teardown(() => harness.close())

const { allowed, allowed6, denied, denied6, other } = addresses
const curl = (url: string) => ['curl', '--silent', '--show-error', '--max-time', '5', url]

const servicePort = 8000
/** Takes one connection. */
const serve = `import socket
s = socket.create_server(('', ${servicePort})); print('ready', flush=True); s.settimeout(120); s.accept(); print('taken 1')`
/** Prints what arrives, until `end` does. */
const receive = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(120); s.bind(('', ${servicePort})); print('ready', flush=True)
text = ''
while text != 'end': text = s.recv(99).decode(); print(text)`
const send = (
  any: '::' | '0.0.0.0',
  source: string,
  [host, port]: readonly [string, number],
  text: string,
) => `import socket
s = socket.socket(socket.${any === '::' ? 'AF_INET6' : 'AF_INET'}, socket.SOCK_DGRAM); s.bind(('${source}', 0))
try: s.sendto(b'${text}', ('${host}', ${port}))
except PermissionError: pass # a rule of the sender's own host`

for (const uid of world.uids.filter((one) => one !== 0)) {
  t.test(`uid ${uid}: route is refused, with the place, the reason and the fix`, async (t) => {
    const { code, stdout, stderr } = await harness.sandboxed({ text: policy }, ['id'], { uid })
    t.match({ code, stdout }, { code: 125, stdout: '' })
    t.match(stderr, new RegExp(`policy-\\d+\\.yaml:4:17: network\\.via: route needs root, and this is uid ${uid}: `))
    t.match(stderr, /\n {2}fix: take via out \(a relay needs no root\), or run it as root\n/)
  })
}

if (world.uids.includes(0)) await testsAsRoot()

async function testsAsRoot(): Promise<void> {
  t.test('a device that does not forward is named with the setting that would', async (t) => {
    const { code, stdout, stderr } = await harness.sandboxed({ text: policy }, ['id'])
    t.match({ code, stdout }, { code: 125, stdout: '' })
    for (const setting of settings) t.match(stderr, `fix: sysctl -w ${setting}=1`)
  })

  t.test('the rest is about a host whose device forwards', () => routed.letForward())

  t.test('an endpoint answers by name, by literal, by IPv4 and by IPv6', async (t) => {
    for (const [name, address] of [
      ['api.example.test', allowed],
      ['v6.example.test', `[${allowed6}]`],
    ] as const) {
      const named = policyOf(`{ host: ${name}, port: 80 }`)
      const argv = curl(`http://${name}/x`)
      const { code, stdout, stderr, report } = await harness.sandboxed({ text: named }, argv)
      t.equal(code, 0, stderr)
      t.equal(stdout, `GET /x at ${address}:80\n`)
      const forwarded = [names[name]].flat().map((one) => ({ address: one, port: 80, protocol: 'tcp' }))
      t.match(JSON.parse(report), { network: { via: 'route', forwarded } })
    }
    for (const address of [allowed, allowed6]) {
      const act = [probes.glibc, 'tcp', address, '443']
      t.equal(answerOf(await harness.sandboxed({ text: policy }, act)), 'ok', address)
    }
    const udp = [probes.glibc, 'udp', allowed6, '443']
    t.equal(answerOf(await harness.sandboxed({ text: policy }, udp)), 'ok', 'UDP')
  })

  t.test('the program is nobody, and what it reaches sees the host’s address', async (t) => {
    t.equal((await harness.sandboxed({ text: policy }, ['id', '-u'])).stdout, '65534\n')
    const script = `import socket
s = socket.create_connection(('${allowed}', 443)); print(s.getsockname()[0]); s.close()`
    const { stdout, stderr } = await harness.sandboxed({ text: policy }, ['/usr/bin/python3', '-c', script])
    t.match(stdout, /^198\.19\.\d+\.\d+\n$/, stderr)
  })

  t.test('from inside, an address that is no endpoint has no route', async (t) => {
    for (const [act, answer] of [
      [['tcp', denied, '443'], 'ENETUNREACH'],
      [['tcp', denied6, '443'], 'ENETUNREACH'],
      [['tcp', link.client, '443'], 'ENETUNREACH'],
      [['tcp', '198.19.0.1', '443'], 'ENETUNREACH'],
      [['tcp', allowed, '8443'], 'EACCES'],
      [['udp', allowed6, '53'], 'EAGAIN'],
    ] as const) {
      t.equal(answerOf(await harness.sandboxed({ text: policy }, [probes.glibc, ...act])), answer, act.join(' '))
    }
  })

  t.test(
    'the rules refuse alone what has a route and no Landlock: the acts of root in the sandbox’s network',
    async (t) => {
      const service = world.start(['/usr/bin/python3', '-c', serve])
      await service.firstLine
      const nap = await napping()
      const { inside } = nap
      for (const address of [link.client, denied, other]) await inside(['ip', 'route', 'add', address, 'dev', 'eth0'])
      await inside(['ip', '-6', 'route', 'add', denied6, 'dev', 'eth0'])
      for (const [claim, act, answer] of [
        ['control: the endpoint', ['tcp', allowed, '443'], 'ok'],
        ['control: the endpoint by IPv6', ['tcp', allowed6, '443'], 'ok'],
        ['control: its datagrams', ['udp', allowed6, '443'], 'ok'],
        ['another port', ['tcp', allowed, '8443'], 'ECONNREFUSED'],
        ['another port by IPv6', ['tcp', allowed6, '8443'], 'ECONNREFUSED'],
        ['another protocol', ['udp', allowed, '443'], 'EAGAIN'],
        ['another address', ['tcp', denied, '443'], 'ECONNREFUSED'],
        ['another IPv6 address', ['tcp', denied6, '443'], 'ECONNREFUSED'],
        ['another network', ['tcp', other, '443'], 'ECONNREFUSED'],
        ['a service of the host itself', ['tcp', link.client, `${servicePort}`], 'ECONNREFUSED'],
      ] as const) {
        await world.forget()
        t.equal(answerOf(await inside([probes.glibc, ...act])), answer, claim)
        if (answer !== 'ok') {
          t.same(await world.arrivals(), [], `${claim}: nothing arrives`)
          t.equal(answerOf(await world.run([probes.glibc, ...act])), 'ok', `${claim}: control, from the host`)
        }
      }
      t.match((await service.outcome).stdout, 'taken 1\n', 'only the control has reached the service')
      await end(nap)
    },
  )

  t.test('a datagram with a source that is not the sandbox’s own gets nowhere', async (t) => {
    const nap = await napping()
    const spoofed = '2001:db8:bad::5'
    await nap.inside(['ip', '-6', 'address', 'add', spoofed, 'dev', 'eth0', 'nodad'])
    for (const [source, arrivals] of [
      [spoofed, []],
      [nap.own6, [{ protocol: 'udp', address: allowed6, port: 443 }]],
    ] as const) {
      await world.forget()
      const { code, stderr } = await nap.inside(['/usr/bin/python3', '-c', send('::', source, [allowed6, 443], 'hi')])
      t.equal(code, 0, stderr)
      // What is sent after it from the host arrives after it.
      t.equal(answerOf(await world.run([probes.glibc, 'udp', allowed6, '443'])), 'ok')
      const [, ...before] = (await world.arrivals()).toReversed()
      t.same(before, arrivals, source)
    }
    await end(nap)
  })

  t.test('nobody reaches the sandbox from the host or from beyond it', async (t) => {
    const nap = await napping()
    const { inside, enter, own } = nap
    const listener = world.start([...enter, '/usr/bin/python3', '-c', receive])
    await listener.firstLine
    const beyond = world.start(['unshare', '--net', 'sh', '-c', 'echo up; sleep 60'])
    await beyond.firstLine
    const there = ['nsenter', `--target=${beyond.pid}`, '--net', '--']
    for (const argv of [
      ['ip', 'link', 'add', 'beyond', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${beyond.pid}`],
      ['ip', 'address', 'add', '10.77.0.1/24', 'dev', 'beyond'],
      ['ip', 'link', 'set', 'beyond', 'up'],
      ['sysctl', '-qw', 'net.ipv4.conf.beyond.forwarding=1'],
      [...there, 'ip', 'address', 'add', '10.77.0.2/24', 'dev', 'eth0'],
      [...there, 'ip', 'link', 'set', 'eth0', 'up'],
      [...there, 'ip', 'route', 'add', own, 'via', '10.77.0.1'],
      ['/usr/bin/python3', '-c', send('0.0.0.0', '0.0.0.0', [own, servicePort], 'from the host')],
      [...there, '/usr/bin/python3', '-c', send('0.0.0.0', '0.0.0.0', [own, servicePort], 'from beyond')],
    ]) {
      const { code, stderr } = await world.run(argv)
      t.equal(code, 0, `${argv.join(' ')} ${stderr}`)
    }
    await inside(['ip', 'link', 'set', 'lo', 'up'])
    await inside(['/usr/bin/python3', '-c', send('0.0.0.0', '0.0.0.0', [own, servicePort], 'end')])
    t.equal((await listener.outcome).stdout, 'ready\nend\n', 'only the control, from inside')
    await world.run(['ip', 'link', 'delete', 'beyond'])
    beyond.signal('SIGKILL')
    await end(nap)
  })

  t.test('two sandboxes with one endpoint work at the same time, and one goes without the other', async (t) => {
    const before = await hostState()
    const [first, second] = [await napping(), await napping()]
    const act = [probes.glibc, 'tcp', allowed, '443']
    t.equal(linksIn(await hostState()), 2)
    t.equal(answerOf(await first.inside(act)), 'ok')
    t.equal(answerOf(await second.inside(act)), 'ok')
    await end(first)
    t.equal(linksIn(await hostState()), 1)
    t.equal(answerOf(await second.inside(act)), 'ok', 'after the end of the other')
    await end(second)
    t.equal(await hostState(), before)
  })

  t.test('a published port works beside it', async (t) => {
    const both = policyOf(`{ host: ${allowed}, port: 443 }`, ', listen: [{ port: 8000, publish: 8001 }]')
    const running = world.start([
      ...harness.command,
      '--policy',
      await harness.policyFile(both),
      '--',
      '/usr/bin/python3',
      '-c',
      serve,
    ])
    await running.firstLine
    t.equal(answerOf(await world.run([probes.glibc, 'tcp', '127.0.0.1', '8001'])), 'ok')
    t.match(await running.outcome, { code: 0, stdout: 'ready\ntaken 1\n' })
  })
}

function linksIn(state: string): number {
  return new Set(state.match(/^pl\w+/gm)).size
}
