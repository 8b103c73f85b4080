/** Under emulation V8's compilers cost more than what they compile saves: a start takes 9 seconds, 6 without them. */
export const emulatedNode = ['/usr/bin/node', '--jitless'] as const
