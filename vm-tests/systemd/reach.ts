import { connect, type NetConnectOpts } from 'node:net'

const patience = 30_000

/** `ok` when somebody takes the connection, else the error. */
export async function reach(to: NetConnectOpts): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...to, timeout: patience })
    socket.on('connect', () => (socket.destroy(), resolve('ok')))
    socket.on('error', (error) => resolve(codeOf(error)))
    socket.on('timeout', () => (socket.destroy(), resolve('timeout')))
  })
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
