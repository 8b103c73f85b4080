// Tries what attempts.json lists and writes beside it how that went: `ok` or an errno.
const { readFile, writeFile } = require('node:fs/promises')
const { connect } = require('node:net')
const { join } = require('node:path')

const acts = {
  connect: (host, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, timeout: 8000 })
      socket.once('connect', () => resolve(socket.destroy()))
      socket.once('timeout', () => socket.destroy(new Error('timeout')))
      socket.once('error', reject)
    }),
  read: (path) => readFile(path),
  write: (path) => writeFile(path, 'planted\n'),
}

async function attemptAll() {
  const answers = []
  for (const [act, ...operands] of JSON.parse(await readFile(join(__dirname, 'attempts.json'), 'utf8'))) {
    const answer = await acts[act](...operands).then(
      () => 'ok',
      (error) => error.code ?? error.message,
    )
    answers.push(answer)
  }
  await writeFile(join(__dirname, 'answers.json'), JSON.stringify(answers))
}

attemptAll()
