import t from 'tap'
import { CommandError, PolicyError, type PlacedProblem } from '../core/errors.js'
import type { HostFacts } from '../host/facts.js'
import { compileMadeUp, type Run } from '../host/fixtures/compile-made-up.js'
import { mergedUsr, type Tree } from '../host/fixtures/made-up-host.js'

interface Case {
  readonly claim: string
  /** Refused with `key: message`; what stands between is left out as `...`. */
  readonly refused: readonly [policy: object, problem: RegExp, run?: Run]
  /** The same with the one thing mended. */
  readonly control: readonly [policy: object, run?: Run]
}

const asRoot: Run = { facts: { caller: { uid: 0, gid: 0, home: '/root', directory: '/' } } }
const work = '/home/user/task'
const policyFile = `${work}/policies/app.yaml`
const ownPolicy: Run = { options: { ownPaths: [`${work}/current.yaml`] } }
const egress = (host: string, port = 443) => ({ network: { egress: [{ host, port }] } })
const endpoint = (entry: object, network: object = {}) => ({
  network: { egress: [{ port: 443, ...entry }], ...network },
})
const readonlyEtc = { ...mergedUsr, tree: withoutHosts() }

function withoutHosts(): typeof mergedUsr.tree {
  const { '/etc/nsswitch.conf': _, ...tree } = mergedUsr.tree
  return tree
}

const promises = { syscalls: { promises: ['exec'] } }
const linkedTree: Tree = {
  [`${work}/out/deep`]: ['directory', '1000:1000', 0o755],
  [`${work}/out/deep/er`]: ['directory', '1000:1000', 0o755],
  '/srv/linked.sh': ['file', '0:0', 0o755, `${work}/tools/dash`],
}

const cases: readonly Case[] = [
  {
    claim: 'filesystem: an absent path',
    refused: [{ filesystem: { read: ['/no/such'] } }, /^filesystem.read\[0\]: \/no\/such does not exist$/],
    control: [{ filesystem: { read: ['/usr'] } }],
  },
  {
    claim: 'filesystem: the root',
    refused: [{ filesystem: { read: ['/'] } }, /^filesystem.read\[0\]: \/ cannot be granted: it is the whole host$/],
    control: [{ filesystem: { read: ['/etc'] } }],
  },
  ...['/proc', '/proc/self', '/sys', '/sys/fs/cgroup', '/dev', '/dev/kvm'].map((path): Case => ({
    claim: `filesystem: ${path}`,
    refused: [{ filesystem: { write: [path] } }, /^filesystem.write\[0\]: \/\S+ cannot be granted: /],
    control: [{ filesystem: { write: [work] } }],
  })),
  {
    claim: 'filesystem: a symlink that leads into /proc',
    refused: [
      { filesystem: { read: ['/etc/mtab'] } },
      /^filesystem.read\[0\]: \/etc\/mtab leads to \/proc\/self\/mounts cannot be granted: /,
    ],
    control: [{ filesystem: { read: ['/srv/out'] } }],
  },
  {
    claim: 'filesystem: a directory with a procfs in it',
    refused: [
      { filesystem: { read: ['/srv/chroot'] } },
      /^filesystem.read\[0\]: \/srv\/chroot\/proc, where the kernel shows the host, is mounted in \/srv\/chroot /,
    ],
    control: [{ filesystem: { read: ['/srv/chroot'], deny: ['/srv/chroot/proc'] } }],
  },
  {
    claim: 'filesystem: a denial of what does not exist, as unenforceable',
    refused: [
      { filesystem: { read: [work], deny: [`${work}/later`] } },
      /^filesystem.deny\[0\]: .*later does not exist, so nothing can be mounted over it/,
    ],
    control: [{ filesystem: { read: [work], deny: [`${work}/out`] } }],
  },
  {
    claim: 'filesystem: a denial outside of every grant',
    refused: [
      { filesystem: { read: ['/usr'], deny: [`${work}/out`] } },
      /^filesystem.deny\[0\]: .* lies in no grant, so there is nothing to deny$/,
    ],
    control: [{ filesystem: { read: ['/usr', work], deny: [`${work}/out`] } }],
  },
  {
    claim: 'filesystem: a grant inside of a denial',
    refused: [
      { filesystem: { read: [work, `${work}/out/.git`], deny: [`${work}/out`] } },
      /^filesystem.deny\[0\]: .* is denied here and .*\.git is granted by filesystem.read\[1\]$/,
    ],
    control: [{ filesystem: { read: [work, `${work}/policies`], deny: [`${work}/out`] } }],
  },
  {
    claim: 'filesystem: a denial of the command',
    refused: [
      { filesystem: { read: ['/usr'], deny: ['/usr/bin'] } },
      /^filesystem.deny\[0\]: \/usr\/bin is denied, but the command needs \/usr\/bin\/curl$/,
    ],
    control: [{ filesystem: { read: ['/usr'], deny: ['/usr/share/doc'] } }],
  },
  {
    claim: 'filesystem: a write grant that belongs to somebody else',
    refused: [
      { filesystem: { write: ['/srv/root-only'] } },
      /^filesystem.write\[0\]: \/srv\/root-only is not writable by uid 1000, .*\(owner 0:0, mode 0755\)$/,
    ],
    control: [{ filesystem: { write: ['/srv/group', '/srv/open'] } }],
  },
  {
    claim: 'filesystem: a write grant of the caller, when root runs the program as nobody',
    refused: [{ filesystem: { write: [work] } }, /^filesystem.write\[0\]: .* is not writable by uid 65534, /, asRoot],
    control: [{ filesystem: { write: [work] }, process: { user: { uid: 1000, gid: 1000 } } }, asRoot],
  },
  {
    claim: 'filesystem: a directory that the program that root starts may not search',
    refused: [
      { filesystem: { read: [`${work}/private`] } },
      /^filesystem.read\[0\]: .*\/private may not be searched by uid 65534, .*\(owner 1000:1000, mode 0700\)/,
      asRoot,
    ],
    control: [{ filesystem: { read: [`${work}/private`] }, process: { user: { uid: 1000, gid: 1000 } } }, asRoot],
  },
  {
    claim: 'filesystem: a grant in a directory that the program may not search, where that is the host’s own',
    refused: [
      { filesystem: { read: [work, `${work}/private/public`] } },
      /^filesystem.read\[1\]: .*\/private may not be searched by uid 65534, /,
      asRoot,
    ],
    control: [{ filesystem: { read: [`${work}/private/public`] } }, asRoot],
  },
  {
    claim: 'process: a working directory that the program may not search',
    refused: [
      { filesystem: { read: [work] }, process: { directory: `${work}/private` } },
      /^process.directory: .*\/private may not be searched by uid 65534, /,
      asRoot,
    ],
    control: [{ filesystem: { read: [work] }, process: { directory: `${work}/policies` } }, asRoot],
  },
  {
    claim: 'filesystem: move outside of what is writable',
    refused: [
      { filesystem: { read: ['/usr'], write: [work], move: ['/usr'] } },
      /^filesystem.move\[0\]: \/usr lies in no entry of filesystem.write/,
    ],
    control: [{ filesystem: { read: ['/usr'], write: [work], move: [`${work}/out`] } }],
  },
  {
    claim: 'filesystem: move of a file',
    refused: [
      { filesystem: { write: [work], move: [`${work}/notes.txt`] } },
      /^filesystem.move\[0\]: .* is no directory$/,
    ],
    control: [{ filesystem: { write: [work], move: [work] } }],
  },
  {
    claim: 'filesystem: exec of what is not executable',
    refused: [
      { filesystem: { exec: [`${work}/notes.txt`] }, syscalls: { promises: ['exec'] } },
      /^filesystem.exec\[0\]: .*notes.txt is not executable$/,
    ],
    control: [{ filesystem: { exec: [`${work}/run.sh`] }, syscalls: { promises: ['exec'] } }],
  },
  {
    claim: 'filesystem: exec of a script without its interpreter',
    refused: [
      { filesystem: { exec: [`${work}/broken.sh`] }, syscalls: { promises: ['exec'] } },
      /^filesystem.exec\[0\]: .*broken.sh is started by \/no\/such\/shell, which does not exist$/,
    ],
    control: [{ filesystem: { exec: [`${work}/run.sh`] }, syscalls: { promises: ['exec'] } }],
  },
  {
    claim: 'filesystem: a granted /tmp beside a private one',
    refused: [{ filesystem: { read: ['/tmp'], tmp: '1M' } }, /^filesystem.read\[0\]: \/tmp cannot be granted beside/],
    control: [{ filesystem: { read: ['/tmp'] } }],
  },
  {
    claim: 'filesystem: /etc without a file to mount a pinned one over',
    refused: [
      { filesystem: { read: ['/etc'] } },
      /^filesystem.read\[0\]: \/etc brings no plain \/etc\/nsswitch.conf/,
      { host: readonlyEtc },
    ],
    control: [{ filesystem: { read: ['/etc/ssl/certs'] } }, { host: readonlyEtc }],
  },
  {
    claim: 'filesystem: a denial of a pinned file',
    refused: [
      { filesystem: { read: ['/etc'], deny: ['/etc/hosts'] } },
      /^filesystem.deny\[0\]: \/etc\/hosts holds \/etc\/hosts, which is always Palisade's own$/,
    ],
    control: [{ filesystem: { read: ['/etc'], deny: ['/etc/ssl/certs'] } }],
  },
  {
    claim: 'filesystem: a write grant inside of Palisade itself',
    refused: [
      { filesystem: { write: ['/opt/palisade/spool'] } },
      /^filesystem.write\[0\]: \/opt\/palisade\/spool belongs to \/opt\/palisade, /,
      { options: { ownPaths: ['/opt/palisade'] } },
    ],
    control: [{ filesystem: { write: ['/opt/palisade/spool'] } }, { options: { ownPaths: ['/opt/palisade/dist'] } }],
  },
  {
    claim: 'filesystem: a policy as its own write grant',
    refused: [
      { filesystem: { write: [`${work}/policies/app.yaml`] } },
      /^filesystem.write\[0\]: .* it is never writable from inside$/,
      { options: { ownPaths: [`${work}/policies/app.yaml`] } },
    ],
    control: [
      { filesystem: { write: [`${work}/policies`] } },
      { options: { ownPaths: [`${work}/policies/app.yaml`] } },
    ],
  },
  {
    claim: 'filesystem: a policy behind a symlink that the program could replace',
    refused: [
      { filesystem: { write: [work] } },
      /^filesystem.write\[0\]: the symlink \/home\/user\/task\/current.yaml in .* could point it elsewhere$/,
      ownPolicy,
    ],
    control: [{ filesystem: { write: [`${work}/out`] } }, ownPolicy],
  },
  {
    claim: 'filesystem: a place where the program could put what the next run would load first',
    refused: [
      { filesystem: { write: [work] } },
      /^filesystem.write\[0\]: \/home\/user\/task\/node_modules in \/home\/user\/task does not exist, and this or the next run/,
      { options: { ownPaths: [`${work}/node_modules`] } },
    ],
    control: [
      { filesystem: { write: [work] } },
      { options: { ownPaths: [`${work}/policies`, `${work}/policies/node_modules`] } },
    ],
  },
  {
    claim: 'filesystem: a policy with a second name',
    refused: [
      { filesystem: { write: [work] } },
      /^filesystem.write\[0\]: .*app.yaml in \/home\/user\/task has 2 hard links: /,
      { host: { ...mergedUsr, hardLinks: { [policyFile]: 2 } }, options: { ownPaths: [policyFile] } },
    ],
    control: [{ filesystem: { write: [work] } }, { options: { ownPaths: [policyFile] } }],
  },
  {
    claim: 'filesystem: a denied file with a second name',
    refused: [
      { filesystem: { read: [work], deny: [`${work}/out/.env`] } },
      /^filesystem.deny\[0\]: .*\.env has 3 hard links: the denial hides one name/,
      { host: { ...mergedUsr, hardLinks: { [`${work}/out/.env`]: 3 } } },
    ],
    control: [{ filesystem: { read: [work], deny: [`${work}/out/.env`] } }],
  },
  ...(
    [
      ['read', { filesystem: { read: [`${work}/tools`], write: [work] } }, 'filesystem.read[0]'],
      ['write', { filesystem: { write: [work, `${work}/link/er`] } }, 'filesystem.write[1]'],
      ['exec', { filesystem: { exec: [`${work}/tools`], write: [work] }, ...promises }, 'filesystem.exec[0]'],
      ['move', { filesystem: { write: [work], move: [`${work}/link`] } }, 'filesystem.move[0]'],
      ['deny', { filesystem: { write: [work], deny: [`${work}/link/er`] } }, 'filesystem.deny[0]'],
      ['directory', { filesystem: { write: [work] }, process: { directory: `${work}/link` } }, 'process.directory'],
      ['command', { filesystem: { write: [work] } }, 'command', { command: [`${work}/tools/curl`] }],
      ['interpreter', { filesystem: { write: [work] } }, 'command', { command: ['/srv/linked.sh'] }],
    ] as const
  ).map(([use, policy, key, run = {}]): Case => {
    const problem = new RegExp(
      `^${key.replaceAll(/[[\]]/g, '\\$&')}: \\S+ leads through the symlink ${work}/(tools|link), `,
    )
    const links = { ...mergedUsr.links, [`${work}/tools`]: '/usr/bin', [`${work}/link`]: 'out/deep' }
    const tree = { ...mergedUsr.tree, ...linkedTree }
    const elsewhere = { filesystem: { ...policy.filesystem, write: [`${work}/policies`], move: [], deny: [] } }
    const reads = use === 'directory' ? { read: [work] } : {}
    return {
      claim: `filesystem: ${use} through a symlink that the program could replace`,
      refused: [policy, problem, { ...run, host: { ...mergedUsr, links, tree } }],
      control: [
        { ...policy, filesystem: { ...elsewhere.filesystem, ...reads } },
        { ...run, host: { ...mergedUsr, links, tree } },
      ],
    }
  }),
  {
    claim: 'filesystem: an interpreter that no entry grants, named by a file that the program could write',
    refused: [
      { filesystem: { write: [work] } },
      /^command: .*evil.sh lies in \/home\/user\/task \(filesystem.write\[0\]\) and is started by \/opt\/odd\/shell, /,
      { command: [`${work}/evil.sh`] },
    ],
    control: [{ filesystem: { write: [work], read: ['/opt/odd/shell'] } }, { command: [`${work}/evil.sh`] }],
  },
  {
    claim: 'filesystem: the same interpreter by way of exec',
    refused: [
      { filesystem: { write: [work], exec: [`${work}/evil.sh`] }, ...promises },
      /^filesystem.exec\[0\]: .*evil.sh lies in .* and is started by \/opt\/odd\/shell, which no entry grants: /,
    ],
    control: [{ filesystem: { write: [`${work}/out`], exec: [`${work}/evil.sh`] }, ...promises }],
  },
  {
    claim: 'filesystem: an interpreter in /proc',
    refused: [
      { filesystem: { exec: [`${work}/proc.sh`] }, ...promises },
      /^filesystem.exec\[0\]: .*proc.sh is started by \/proc\/self\/exe, which cannot be granted$/,
    ],
    control: [{ filesystem: { exec: [`${work}/run.sh`] }, ...promises }],
  },
  {
    claim: 'filesystem: an interpreter that is no program',
    refused: [
      { filesystem: { exec: [`${work}/data.sh`] }, ...promises },
      /^filesystem.exec\[0\]: .*data.sh is started by \/etc\/passwd, which is not executable$/,
    ],
    control: [{ filesystem: { exec: [`${work}/run.sh`] }, ...promises }],
  },
  ...(
    [
      ['files', 200, 7, 200n],
      ['processes', 200, 6, 200n],
      ['address-space', '64M', 9, 64n << 20n],
      ['file-size', '1M', 1, 1n << 20n],
      ['stack', '1M', 3, 1n << 20n],
      ['cpu', '200s', 0, 200n],
    ] as const
  ).map(([name, value, resource, number]): Case => {
    const withHard = (hard: bigint): Run => ({ facts: { hardLimits: new Map([[resource, hard]]) } })
    const policy = { limits: { [name]: value } }
    const told = new RegExp(`^limits.${name}: is above the caller's hard limit, which is ${number - 1n}( seconds)?$`)
    return {
      claim: `limits.${name}: more than the caller may have`,
      refused: [policy, told, withHard(number - 1n)],
      control: [policy, withHard(number)],
    }
  }),
  ...(['memory', 'pids', 'cpus'] as const).flatMap((name): readonly Case[] => {
    const policy = { limits: { memory: '64M', pids: 9, cpus: 2 } }
    const one = { limits: { [name]: policy.limits[name] } }
    const controllers = ['cpu', 'memory', 'pids']
    const own = { kind: 'v2', path: '/a', controllers, delegated: true, shared: 'no' } as const
    const named = {
      kind: 'named',
      directory: '/c/a',
      controllers,
      delegated: true,
      above: [],
      apartIn: null,
      shared: 'no',
    } as const
    const controller = name === 'cpus' ? 'cpu' : name
    const given = (cgroup: HostFacts['cgroup']): Run => ({ facts: { cgroup } })
    const refused = (what: string, cgroup: HostFacts['cgroup'], problem: string): Case => ({
      claim: `limits.${name}: ${what}`,
      refused: [one, new RegExp(`^limits.${name}: ${problem}$`), given(cgroup)],
      control: [one, given(own)],
    })
    return [
      refused(
        'no cgroup v2',
        { kind: 'none' },
        'needs cgroup v2 at /sys/fs/cgroup, where this host has v1, or nothing',
      ),
      refused(
        'a cgroup that is mounted elsewhere',
        { kind: 'unseen' },
        "needs the caller's own cgroup, which is not in what is mounted at /sys/fs/cgroup",
      ),
      refused(
        "a cgroup of root's",
        { ...own, delegated: false },
        'needs a cgroup that this user may divide, and cgroup /a is not',
      ),
      refused(
        'no controller',
        { ...own, controllers: controllers.filter((other) => other !== controller) },
        `needs the ${controller} controller, which cgroup /a does not have`,
      ),
      refused(
        'a controller that v1 holds',
        { ...own, path: '/', controllers: [] },
        `needs the ${controller} controller, which cgroup v2 does not have here`,
      ),
      refused(
        'a cgroup with others in it',
        { ...own, shared: 'with others' },
        'needs a cgroup with nothing but sandbox-exec in it, and cgroup /a has other processes',
      ),
      refused(
        'a cgroup with the process of a library in it',
        // Whatever else it lacks: nobody can mend that while it is the one of this process.
        { ...own, delegated: false, controllers: [], shared: 'with the caller' },
        'needs a cgroup without processes, and cgroup /a is the one that this process is in',
      ),
      refused(
        'a directory in place of a cgroup',
        { kind: 'no cgroup', directory: '/tmp' },
        'needs a cgroup of version 2, and /tmp is none',
      ),
      refused(
        "a named cgroup of root's",
        { ...named, delegated: false },
        'needs a cgroup that this user may divide, and /c/a is not',
      ),
      refused(
        'a named cgroup without the controller',
        { ...named, controllers: controllers.filter((other) => other !== controller) },
        `needs the ${controller} controller, which /c/a does not have, nor does any above it`,
      ),
      refused(
        'a named cgroup in what somebody else was given',
        { ...named, apartIn: '/c' },
        "needs to make a process in /c/a, and /c, around it and this one, is not this user's",
      ),
      refused(
        'a named cgroup with processes in it',
        { ...named, shared: 'with others' },
        'needs a cgroup without processes, and there are some in /c/a',
      ),
      refused(
        'a named cgroup with this process in it',
        { ...named, shared: 'with the caller' },
        'needs a cgroup without processes, and this one is in /c/a',
      ),
    ]
  }),
  ...(
    [
      [32_768, 'x86_64', 32_768],
      [32_768, 'i386', 32_767],
    ] as const
  ).map(([pids, controlArch, fewer]): Case => {
    const cgroup = { kind: 'v2', path: '/a', controllers: ['pids'], delegated: true, shared: 'no' } as const
    const on = (arch: 'x86_64' | 'i386'): Run => ({ facts: { arch, cgroup } })
    const told = "is more than a 32-bit kernel can count, which is 32767 and Palisade's own"
    return {
      claim: `limits.pids: more than a 32-bit kernel has, and not ${fewer} on ${controlArch}`,
      refused: [{ limits: { pids } }, new RegExp(`^limits.pids: ${told}$`), on('i386')],
      control: [{ limits: { pids: fewer } }, on(controlArch)],
    }
  }),
  ...(
    [
      ['127.0.0.1', '126.255.255.255', /^network.egress\[0\].host: cannot reach 127.0.0.1, which is loopback/],
      ['127.255.255.255', '128.0.0.0', /which is loopback/],
      ['0.0.0.0', '1.0.0.0', /which means "this host"/],
      ['169.254.0.1', '169.253.255.255', /which is link-local/],
      ['224.0.0.1', '223.255.255.255', /which is multicast/],
      ['239.255.255.255', '10.0.0.1', /which is multicast/],
      ['240.0.0.1', '192.168.0.1', /which is reserved/],
      ['255.255.255.255', '172.16.0.1', /which is broadcast/],
      ['198.18.0.1', '198.17.255.255', /198.18.0.1 lies where names get their addresses inside$/],
      ['198.19.255.255', '198.20.0.0', /lies where names get their addresses inside$/],
    ] as const
  ).map(([refused, allowed, problem]): Case => ({
    claim: `network: the literal ${refused}`,
    refused: [egress(refused), problem],
    control: [egress(allowed)],
  })),
  ...(
    [
      ['::1', '::2:0:0:1', /^network.egress\[0\].host: cannot reach ::1, which is loopback/],
      ['::', '::1:0:0:0', /cannot reach ::, which means "this host"/],
      ['::c000:201', '64:ff9b::c000:201', /::c000:201, which is an IPv4 address in IPv6 form/],
      ['64:ff9b:1::1', '64:ff9b:2::1', /which is translated to an IPv4 address/],
      ['fe80::1', 'fec0::1', /fe80::1, which is link-local: it names no host without a device/],
      ['ff02::1', 'fc00::1', /ff02::1, which is multicast/],
      ['fd50:616c:6973::1', 'fd50:616c:6974::1', /lies where names get their addresses inside$/],
    ] as const
  ).map(([refused, allowed, problem]): Case => ({
    claim: `network: the literal ${refused}`,
    refused: [egress(refused), problem],
    control: [egress(allowed)],
  })),
  {
    claim: 'network: an IPv6 literal on a kernel without IPv6',
    refused: [
      egress('2001:db8::1'),
      /^network.egress\[0\].host: 2001:db8::1 is an IPv6 address, and this kernel has no IPv6$/,
      { facts: { ipv6: false } },
    ],
    control: [egress('192.0.2.1'), { facts: { ipv6: false } }],
  },
  {
    claim: 'network: a wildcard without TLS names',
    refused: [
      endpoint({ host: '*.a.example' }, { dns: 'stub' }),
      /^network.egress\[0\].host: \*.a.example needs tls: required: only the ClientHello says which host is meant$/,
    ],
    control: [endpoint({ host: '*.a.example', tls: 'required' }, { dns: 'stub' })],
  },
  {
    claim: 'network: a wildcard without a resolver',
    refused: [
      endpoint({ host: '*.a.example', tls: 'required' }),
      /^network.egress\[0\].host: \*.a.example needs network.dns: stub: \/etc\/hosts has no wildcards$/,
    ],
    control: [endpoint({ host: 'b.a.example', tls: 'required' })],
  },
  {
    claim: 'network: TLS names over UDP',
    refused: [
      endpoint({ host: 'a.example', protocol: 'udp', tls: 'required' }),
      /^network.egress\[0\].tls: cannot be required of UDP: /,
    ],
    control: [endpoint({ host: 'a.example', protocol: 'udp' })],
  },
  ...['192.0.2.1', '2001:db8::1'].map((host): Case => ({
    claim: `network: TLS names of ${host}`,
    refused: [endpoint({ host, tls: 'required' }), /^network.egress\[0\].tls: needs a host name: /],
    control: [endpoint({ host, tls: 'any' })],
  })),
  {
    claim: 'network: ECH where no name is looked at',
    refused: [
      endpoint({ host: 'a.example', ech: 'allowed' }),
      /^network.egress\[0\].ech: says nothing without tls: required$/,
    ],
    control: [endpoint({ host: 'a.example', ech: 'allowed', tls: 'required' })],
  },
  {
    claim: 'network: ranges of what is an address already',
    refused: [
      endpoint({ host: '192.0.2.1', addresses: ['192.0.2.0/24'] }),
      /^network.egress\[0\].addresses: are for names, and this endpoint is an address$/,
    ],
    control: [endpoint({ host: 'a.example', addresses: ['192.0.2.0/24', '127.0.0.0/8', '::1/128', 'fd00::/8'] })],
  },
  {
    claim: 'network: one UDP endpoint twice',
    refused: [
      {
        network: {
          egress: [
            { host: '2001:db8::1', port: 53, protocol: 'udp' },
            { protocol: 'udp', port: 53, host: '2001:db8::1' },
          ],
        },
      },
      /^network.egress\[1\]: (\[2001:db8::1\]:53 by UDP )?is listed twice/,
    ],
    control: [
      {
        network: {
          egress: [
            { host: '2001:db8::1', port: 53, protocol: 'udp' },
            { host: '2001:db8::1', port: 53, protocol: 'tcp' },
          ],
        },
      },
    ],
  },
  {
    claim: 'network: one endpoint twice, the default written once',
    refused: [
      {
        network: {
          egress: [
            { host: 'a.example', port: 80 },
            { host: 'a.example', port: 80, protocol: 'tcp' },
          ],
        },
      },
      /^network.egress\[1\]: a.example:80 is listed twice$/,
    ],
    control: [
      {
        network: {
          egress: [
            { host: 'a.example', port: 80 },
            { host: 'b.example', port: 80, protocol: 'tcp' },
          ],
        },
      },
    ],
  },
  {
    claim: 'network: a port of the host that this user may not have',
    refused: [
      { network: { listen: [{ port: 80, publish: 1023 }] } },
      /^network.listen\[0\].publish: 1023 is a port that uid 1000 may not listen at$/,
    ],
    control: [{ network: { listen: [{ port: 80, publish: 1023 }] } }, { facts: { lowestPort: 1 } }],
  },
  {
    claim: 'network: one port of the host published twice',
    refused: [
      {
        network: {
          listen: [
            { port: 80, publish: 8080 },
            { port: 81, publish: 8080 },
          ],
        },
      },
      /^network.listen\[1\]: port 8080 of the host is published twice$/,
    ],
    control: [
      {
        network: {
          listen: [
            { port: 80, publish: 8080 },
            { port: 80, publish: 8081 },
          ],
        },
      },
    ],
  },
  {
    claim: 'network: one endpoint twice',
    refused: [
      {
        network: {
          egress: [
            { host: '192.0.2.1', port: 80 },
            { port: 80, host: '192.0.2.1' },
          ],
        },
      },
      /^network.egress\[1\]: (192.0.2.1:80 )?is listed twice/,
    ],
    control: [
      {
        network: {
          egress: [
            { host: '192.0.2.1', port: 80 },
            { host: '192.0.2.1', port: 81 },
          ],
        },
      },
    ],
  },
  {
    claim: 'process: a directory outside of the view',
    refused: [{ process: { directory: work } }, /^process.directory: \/home\/user\/task is in no grant/],
    control: [{ process: { directory: work }, filesystem: { read: [`${work}/out`] } }],
  },
  {
    claim: 'process: a directory that does not exist',
    refused: [{ process: { directory: '/no/such' } }, /^process.directory: \/no\/such does not exist$/],
    control: [{ process: { directory: '/usr' }, filesystem: { read: ['/usr'] } }],
  },
  {
    claim: 'process: /tmp as directory without tmp',
    refused: [{ process: { directory: '/tmp' } }, /^process.directory: \/tmp is in no grant/],
    control: [{ process: { directory: '/tmp' }, filesystem: { tmp: '1M' } }],
  },
  {
    claim: 'process: another user for a caller who is not root',
    refused: [{ process: { user: 'nobody' } }, /^process.user: only root can run a program as 65534:65534/],
    control: [{ process: { user: 'nobody' } }, asRoot],
  },
  {
    claim: 'process: a user whom the host does not know',
    refused: [{ process: { user: 'who' } }, /^process.user: who is no user of this host$/, asRoot],
    control: [{ process: { user: 'user' } }, asRoot],
  },
  {
    claim: 'process: root without a reason',
    refused: [{ process: { user: 'root' } }, /^process.user: 0:0 is root, which writes what root owns/, asRoot],
    control: [{ process: { user: 'root' }, unsafe: { 'host-root': { reason: 'needs it' } } }, asRoot],
  },
  {
    claim: "process: root's group without a reason",
    refused: [{ process: { user: { uid: 1000, gid: 0 } } }, /^process.user: 1000:0 is root/, asRoot],
    control: [{ process: { user: { uid: 1000, gid: 1000 } } }, asRoot],
  },
  {
    claim: 'unsafe: a reason for an opening that nothing uses',
    refused: [
      { process: { user: 'user' }, unsafe: { 'host-root': { reason: 'once did' } } },
      /^unsafe.host-root: opens nothing: the program runs as 1000:1000$/,
      asRoot,
    ],
    control: [{ unsafe: { 'host-root': { reason: 'needs it' } } }, asRoot],
  },
  {
    claim: 'syscalls: what only the tables of the machine can tell',
    refused: [
      { syscalls: { rules: [{ syscall: 'conect', action: 'kill_process' }] } },
      /^syscalls.rules\[0\].syscall: unknown system call conect$/,
    ],
    control: [{ syscalls: { rules: [{ syscall: 'connect', action: 'kill_process' }] } }],
  },
  {
    claim: 'landlock: move on a kernel that cannot grant it',
    refused: [
      { filesystem: { write: [work], move: [work] } },
      /^filesystem.move: needs Landlock ABI 2 \(Linux 5.19\)/,
      { facts: { landlock: { abi: 1, errata: 0 } } },
    ],
    control: [{ filesystem: { write: [work], move: [work] } }, { facts: { landlock: { abi: 2, errata: 0 } } }],
  },
]

for (const { claim, refused, control } of cases) {
  t.test(`refused: ${claim}`, (t) => {
    const [policy, problem, run] = refused
    const problems = problemsOf(policy, run)
    t.equal(problems.length, 1, JSON.stringify(problems))
    t.match(problems.map(({ key, message }) => `${key}: ${message}`)[0], problem)
    t.ok(problems.every(({ fix }) => fix !== undefined && fix !== '' && fix !== null) || claim.startsWith('syscalls'))
    t.doesNotThrow(() => compileMadeUp(...control), 'control')
    t.end()
  })
}

t.test('a link that lies in what is covered read-only cannot be replaced, so it is no reason to refuse', (t) => {
  const run: Run = {
    host: { ...mergedUsr, links: { ...mergedUsr.links, [`${work}/policies/.bin`]: 'app.yaml' } },
    options: { ownPaths: [`${work}/policies`, `${work}/policies/.bin`] },
  }
  t.same(problemsOf({ filesystem: { write: [work] } }, run), [])
  const uncovered = { ...run, options: { ownPaths: [`${work}/policies/.bin`] } }
  t.equal(problemsOf({ filesystem: { write: [work] } }, uncovered).length, 1, 'control')
  t.end()
})

t.test('a program in a write grant may name a standard loader, whatever else is granted', (t) => {
  t.same(problemsOf({ filesystem: { write: [work] } }, { command: [`${work}/own-program`] }), [])
  t.end()
})

t.test('all problems of all layers come at once', (t) => {
  const policy = {
    filesystem: { read: ['/no/such'], deny: ['/nor/this'] },
    network: { egress: [{ host: '127.0.0.1', port: 80 }] },
    process: { user: 'nobody', directory: '/no/where' },
  }
  t.same(
    problemsOf(policy)
      .map(({ key }) => key)
      .toSorted(),
    ['filesystem.deny[0]', 'filesystem.read[0]', 'network.egress[0].host', 'process.directory', 'process.user'],
  )
  t.end()
})

t.test('a literal that a name can lead to is told that way, one that nobody reaches is not', (t) => {
  const fixOf = (host: string) => problemsOf(egress(host)).map(({ fix }) => fix)
  t.same(fixOf('127.0.0.1'), ['write a name that leads there, with addresses: [127.0.0.1/32]'])
  t.same(fixOf('::1'), ['write a name that leads there, with addresses: [::1/128]'])
  t.same(fixOf('224.0.0.1'), ['name an endpoint on another host'])
  t.end()
})

t.test('a command that execve(2) could not start has the status of a shell', (t) => {
  for (const [command, status] of [
    ['/usr/bin/nothing', 127],
    [`${work}/notes.txt`, 126],
    [work, 126],
    [`${work}/broken.sh`, 126],
    [`${work}/proc.sh`, 126],
    [`${work}/data.sh`, 126],
  ] as const) {
    const error = errorOf({ command: [command] })
    t.equal(error instanceof CommandError ? error.status : error, status, command)
  }
  t.doesNotThrow(() => compileMadeUp({}, { command: [`${work}/run.sh`] }), 'control')
  t.end()
})

t.test('a kernel without Landlock or user namespaces is refused with the one fix, never worked around', (t) => {
  const none: Run = { facts: { landlock: { abi: 0, errata: 0 } } }
  const refused: Run = { facts: { userNamespaces: { refused: 'EPERM' } } }
  t.match(errorOf(none), { name: 'HostError', key: 'filesystem', fix: /lsm=/ })
  t.match(errorOf(refused), { name: 'HostError', found: 'EPERM', fix: /doctor/ })
  t.doesNotThrow(() => compileMadeUp({}), 'control')
  t.end()
})

function errorOf(run: Run): unknown {
  try {
    compileMadeUp({}, run)
    return null
  } catch (error) {
    return error
  }
}

function problemsOf(policy: object, run?: Run): readonly PlacedProblem[] {
  try {
    compileMadeUp(policy, run)
    return []
  } catch (error) {
    if (error instanceof PolicyError) return error.problems
    throw error
  }
}
