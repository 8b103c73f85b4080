// acts.mjs ACT: does what the name says, and prints `done`.
const acts = {
  hello: async () => {},
  threads: async () => {
    const { Worker } = await import('node:worker_threads')
    await new Promise((resolve) => new Worker('0', { eval: true }).on('exit', resolve))
  },
  spawns: async () => {
    const { execFileSync } = await import('node:child_process')
    execFileSync('/bin/true')
  },
  sockets: async () => {
    const { createServer, connect } = await import('node:net')
    const server = createServer((served) => served.end('hello'))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    await new Promise((resolve) => connect(server.address().port, '127.0.0.1').on('data', resolve))
    server.close()
  },
  files: async () => {
    const { readFileSync, renameSync, openSync, unlinkSync, writeFileSync } = await import('node:fs')
    writeFileSync('/tmp/made', 'hello\n')
    renameSync('/tmp/made', '/tmp/moved')
    if (readFileSync('/tmp/moved', 'utf8') !== 'hello\n') throw new Error('content')
    openSync('/tmp/moved', 'r+')
    unlinkSync('/tmp/moved')
  },
}
console.log('hello')
console.log('hello again')
await acts[process.argv[2]]()
console.log('done')
