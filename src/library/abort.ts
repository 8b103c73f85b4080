/** What is to be done when a signal is aborted: one listener a signal, however many wait for it. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `act` when `signal` is aborted, at once if it is; the result takes that back. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act()
    return () => undefined
  }
  const acts = waiting.get(signal) ?? listen(signal)
  acts.add(act)
  return () => void acts.delete(act)
}

function listen(signal: AbortSignal): Set<() => void> {
  const acts = new Set<() => void>()
  waiting.set(signal, acts)
  const all = (): void => {
    for (const act of acts) act()
    acts.clear()
  }
  signal.addEventListener('abort', all, { once: true })
  return acts
}
