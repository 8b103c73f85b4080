import type { Problem } from '../../core/errors.js'
import type { HostFacts, PathFacts } from '../../host/facts.js'
import type { ResolvedUser } from '../../policy/resolved.js'
import type { Located } from './locate.js'

/**
 * A write grant that the file's own permissions refuse would be a promise broken at run time, inside, with no word of
 * ours. The program has no capability and (started by root) no supplementary group.
 */
export function checkWritable(writes: readonly Located[], user: ResolvedUser, host: HostFacts): readonly Problem[] {
  return writes
    .filter(({ facts }) => !mayWrite(facts, user, host))
    .map(({ key, spelled, facts }) => ({
      key,
      message:
        `${spelled} is not writable by uid ${user.uid}, which the program runs as ` +
        `(owner ${facts.uid}:${facts.gid}, mode ${(facts.mode & 0o7777).toString(8).padStart(4, '0')})`,
      fix: fixFor(spelled, facts, user, host),
    }))
}

function mayWrite(facts: PathFacts, user: ResolvedUser, host: HostFacts): boolean {
  // The kernel itself has answered for the caller, with ACLs and groups; root's answer says nothing of another uid.
  if (user.uid === host.caller.uid && user.uid !== 0) return facts.callerWrites
  // Where not even root writes, the file system is read-only.
  if (host.caller.uid === 0 && !facts.callerWrites) return false
  const needed = facts.kind === 'directory' ? 0o3 : 0o2
  if (facts.uid === user.uid) return ((facts.mode >> 6) & needed) === needed
  if (facts.gid === user.gid) return ((facts.mode >> 3) & needed) === needed
  return (facts.mode & needed) === needed
}

function fixFor(spelled: string, facts: PathFacts, user: ResolvedUser, host: HostFacts): string {
  const give = `give it to that user (chown ${user.uid}:${user.gid} ${spelled})`
  if (host.caller.uid !== 0 || facts.uid === 0) return give
  return `${give}, or run as its owner (process.user: { uid: ${facts.uid}, gid: ${facts.gid} })`
}
