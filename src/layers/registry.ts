import { claims as filesystem } from './filesystem/filesystem.js'
import type { LayerClaims } from './layer.js'
import { claims as namespaces } from './namespaces/namespaces.js'
import { claims as network } from './network/network.js'
import { claims as process } from './process/process.js'
import { claims as report } from './report/report.js'
import { claims as resources } from './resources/resources.js'
import { claims as seccomp } from './seccomp/seccomp.js'
import { claims as service } from './service/service.js'

/** Landlock is derived from the file system's and the network's keys; the author writes none for it. */
const landlock: LayerClaims = {
  layer: 'landlock',
  claims: ['filesystem.read', 'filesystem.write', 'filesystem.exec', 'filesystem.move', 'network.egress'],
}

/** Which layer carries which key of a policy. A key that stands here for no layer must not be in the schema. */
export const layerClaims: readonly LayerClaims[] = [
  namespaces,
  filesystem,
  network,
  landlock,
  resources,
  process,
  seccomp,
  service,
  report,
]

/** Keys of the language itself: they say how to read the file, and ask nothing of the kernel. */
export const languageKeys = ['version', 'extends'] as const
