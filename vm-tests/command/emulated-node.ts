/** Under emulation what V8 compiles costs more than it saves: a start takes 9 seconds, 6 without. Wasm needs a compiler. */
export const emulatedNode = ['/usr/bin/node', '--no-expose-wasm', '--jitless'] as const
