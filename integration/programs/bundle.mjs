// Reads what the compiler made, through a child process and a worker, and talks to itself over a socket file.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { Worker } from 'node:worker_threads'

const built = execFileSync('./stage/hello', { encoding: 'utf8' }).trim()
await new Promise((resolve) => new Worker('0', { eval: true }).on('exit', resolve))
const server = createServer((client) => client.end(readFileSync('stage/greeting')))
await new Promise((resolve) => server.listen('bundle.socket', resolve))
const told = await new Promise((resolve) => connect('bundle.socket').on('data', resolve))
server.close()
console.log(built, String(told).trim())
