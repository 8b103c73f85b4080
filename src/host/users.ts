/** Users of passwd(5) by name; malformed lines are passed over, as getpwent(3) does. The first of a name counts. */
export function parseUsers(text: string): ReadonlyMap<string, { readonly uid: number; readonly gid: number }> {
  const users = new Map<string, { readonly uid: number; readonly gid: number }>()
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', gid = ''] = line.split(':')
    if (name === '' || users.has(name) || !isId(uid) || !isId(gid)) continue
    users.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return users
}

/** A decimal uid_t other than -1, without the spellings that C would read as octal. */
function isId(text: string): boolean {
  const id = Number(text)
  return String(id) === text && Number.isInteger(id) && id >= 0 && id < 0xffff_ffff
}
