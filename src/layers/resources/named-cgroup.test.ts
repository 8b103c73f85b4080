import t from 'tap'
import type { NamedCgroup } from '../../host/facts.js'
import { obstacleInNamed } from './named-cgroup.js'

const good = {
  kind: 'named',
  directory: '/c/a/b',
  above: [
    { directory: '/c/a', controllers: ['memory'] },
    { directory: '/c', controllers: ['cpu', 'memory'] },
  ],
  apartIn: null,
  controllers: ['memory', 'pids'],
  delegated: true,
  shared: 'no',
} as const

t.test('a cgroup that is named: nothing stands in the way, or there is one change that mends it', (t) => {
  const fix = (cgroup: NamedCgroup, controller = 'memory', uid = 1000): string =>
    obstacleInNamed(cgroup, controller, uid)?.fix ?? 'nothing'
  t.equal(fix(good), 'nothing')
  t.equal(fix(good, 'pids'), 'nothing')
  t.equal(fix({ kind: 'no cgroup', directory: '/tmp' }), 'name a directory below /sys/fs/cgroup')
  const scope = 'start this process by systemd-run --user --scope -p Delegate=yes, and name its cgroup'
  t.equal(fix({ ...good, delegated: false }), scope)
  t.equal(fix({ ...good, apartIn: '/c' }), scope)
  t.equal(fix({ ...good, apartIn: '/c' }, 'memory', 0), scope.replace('--user ', ''))
  const move = 'mkdir /c/a/b/own, and write the number of each process to the cgroup.procs there'
  t.equal(fix({ ...good, shared: 'with the caller' }), move)
  t.equal(fix({ ...good, shared: 'with others' }), move)
  const without: NamedCgroup = { ...good, controllers: [] }
  t.equal(fix(without), 'write +memory to /c/a/cgroup.subtree_control', 'the nearest that has it')
  t.equal(fix(without, 'cpu'), 'write +cpu to /c/cgroup.subtree_control')
  t.equal(fix(without, 'pids'), 'boot this host with systemd.unified_cgroup_hierarchy=1, if v1 holds it')
  t.end()
})

t.test('what must be mended first is told first', (t) => {
  const controllers: NamedCgroup = { ...good, controllers: [] }
  const message = (cgroup: NamedCgroup): string => obstacleInNamed(cgroup, 'memory', 1000)?.message ?? ''
  t.match(message(controllers), /^needs the memory controller, which \/c\/a\/b does not have$/, 'control')
  t.match(
    message({ ...controllers, shared: 'with the caller' }),
    /^needs a cgroup without processes, and this one is in/,
  )
  t.match(message({ ...controllers, shared: 'with others', apartIn: '/c' }), /^needs to make a process in/)
  t.match(message({ ...controllers, apartIn: '/c', delegated: false }), /^needs a cgroup that this user may divide/)
  t.end()
})
