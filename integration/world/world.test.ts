import { existsSync, readFileSync } from 'node:fs'
import { readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { addresses, ports } from './addresses.js'
import { must, run, searchPath, start } from './process.js'
import { makeWorld } from './world.js'

const hostNet = await readlink('/proc/self/ns/net')
const hostAddresses = await must(['ip', '-brief', 'address'])
const hostHosts = await readFile('/etc/hosts', 'utf8')
const world = await makeWorld()
const curl = (url: string) => ['curl', '--silent', '--show-error', '--max-time', '5', url]

for (const uid of world.uids) {
  t.test(`uid ${uid}: every server of the world answers over TLS with a certificate the host trusts`, async (t) => {
    for (const name of ['api.example.test', 'api.example.com', 'denied.example.test', addresses.other]) {
      for (const port of [ports.https, ports.extra]) {
        const { code, stdout, stderr } = await world.run(curl(`https://${name}:${port}/x`), {
          uid,
        })
        t.equal(code, 0, `${name}:${port} ${stderr}`)
        t.match(stdout, `:${port}`)
      }
    }
    t.match((await world.run(curl('http://api.example.test/'), { uid })).stdout, `${addresses.allowed}:80`)
  })

  t.test(`uid ${uid}: a program runs as that user, outside the host's net namespace`, async (t) => {
    t.equal((await world.run(['id', '-u'], { uid })).stdout, `${uid}\n`)
    t.not((await world.run(['readlink', '/proc/self/ns/net'], { uid })).stdout.trim(), hostNet)
    const capabilities = (await world.run(['grep', 'CapEff', '/proc/self/status'], { uid })).stdout
    if (uid !== 0) t.match(capabilities, '0000000000000000')
  })
}

t.test('a connection is recorded, and only a connection', async (t) => {
  await world.forget()
  t.same(await world.arrivals(), [])
  await world.run(curl('https://denied.example.test:8443/'))
  t.same(await world.arrivals(), [{ protocol: 'tcp', address: addresses.denied, port: ports.extra }])
})

t.test('a UDP datagram is recorded and echoed', async (t) => {
  await world.forget()
  const script = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(b'hi', ('${addresses.other}', ${ports.udp}))
print(s.recv(9).decode())`
  const { stdout, stderr } = await world.run(['/usr/bin/python3', '-c', script])
  t.equal(stdout, 'hi\n', stderr)
  t.same(await world.arrivals(), [{ protocol: 'udp', address: addresses.other, port: ports.udp }])
})

t.test('stdin, exit code, signal and time limit of a program are reported', async (t) => {
  t.match(await world.run(['cat'], { stdin: 'in' }), { code: 0, signal: null, stdout: 'in' })
  t.match(await world.run(['sh', '-c', 'echo bad >&2; exit 7']), { code: 7, stderr: 'bad\n' })
  t.match(await world.run(['sleep', '30'], { timeoutMs: 200 }), { code: null, signal: 'SIGKILL' })
})

t.test('the host keeps its files and its network', async (t) => {
  t.equal(await readFile('/etc/hosts', 'utf8'), hostHosts)
  t.equal(await must(['ip', '-brief', 'address']), hostAddresses)
  t.notMatch((await world.run(['ip', '-brief', 'address'])).stdout, hostAddresses, 'control: the client has its own')
})

t.test('closing leaves no process and no file', async (t) => {
  const net = (await world.run(['readlink', '/proc/self/ns/net'])).stdout.trim()
  t.match(await namespaces(), net, 'control: lsns sees the world')
  await world.close()
  t.notOk(existsSync(world.directory))
  t.notOk(existsSync(`/proc/${world.holder}`))
  t.notMatch(await namespaces(), net)
})

t.test('the end of the process that made it, also by SIGKILL, leaves no process and no file', async (t) => {
  const script = `const { makeWorld } = await import(${JSON.stringify(join(import.meta.dirname, 'world.js'))})
const { holder, directory } = await makeWorld()
console.log(holder + ' ' + directory)
setInterval(() => {}, 1000)`
  const maker = start([process.execPath, '--input-type=module', '--eval', script], { env: { PATH: searchPath } })
  const [holder = '', directory = ''] = (await maker.firstLine).split(' ')
  t.ok(existsSync(directory) && isAlive(holder), 'control: it is there')
  maker.signal('SIGKILL')
  for (let tries = 0; tries < 400 && isAlive(holder); tries += 1) await delay(25)
  t.notOk(isAlive(holder))
  t.notOk(existsSync(directory))
})

/** A process that has ended may stay for a parent that never asks: where npm is pid 1, say. */
function isAlive(pid: string): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    // It can be read for as long as it is there.
    return false
  }
}

async function namespaces(): Promise<string> {
  const { stdout } = await run(['lsns', '--noheadings', '--type=net', '--output=NS'], {
    env: { PATH: '/usr/bin:/bin' },
  })
  return stdout.replaceAll(/^\s*(\d+)$/gm, 'net:[$1]')
}
