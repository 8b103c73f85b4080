import * as filesystem from '../layers/filesystem/steps.js'
import * as landlock from '../layers/landlock/steps.js'
import * as namespaces from '../layers/namespaces/steps.js'
import * as network from '../layers/network/steps.js'
import * as process from '../layers/process/steps.js'
import * as report from '../layers/report/steps.js'
import * as resources from '../layers/resources/steps.js'
import * as seccomp from '../layers/seccomp/steps.js'
import * as service from '../layers/service/steps.js'
import * as start from './start-steps.js'
import type { StepDescriptor, StepOf } from './step.js'

/**
 * Every step there is, in the one order in which they run; the steps of one inner list keep the order that their layer
 * gave them. Reasons:
 * - what must be true before anything is done comes first;
 * - what the supervisor needs comes next, and the clone before everything inside;
 * - the cgroup before the clone, which makes pid 1 in it;
 * - the gateway's sockets before the mounts: the relay starts, and the sandboxee makes the link, while init makes them;
 * - rlimits before capabilities go, no_new_privs before Landlock and seccomp (both demand it);
 * - what needs no view before what does, from the working directory on: the sandboxee does it while init builds;
 * - sockets that listen once there is a net namespace, while the sandboxee may still take low ports;
 * - the socket for notices after Landlock, whose scope would be closed to it, and before seccomp;
 * - Landlock before seccomp, because its calls are in no policy; seccomp last, so that it allows no set-up call.
 */
export const order = [
  [
    start.expectWords,
    start.expectPlace,
    start.expectHost,
    start.expectMounts,
    start.expectVariables,
    start.expectNodes,
    start.expectContents,
    start.openReport,
  ],
  [report.write],
  [report.watchKills],
  [report.time],
  [resources.limitWallClock],
  [resources.limitCgroup],
  [service.passNotices],
  [namespaces.clone],
  [network.openRoute],
  [network.relay],
  [network.publish],
  [namespaces.setHostname],
  [network.openGateway],
  [filesystem.createRoot],
  [
    filesystem.makeDirectory,
    filesystem.makeSymlink,
    filesystem.makeFile,
    filesystem.bind,
    filesystem.pinFile,
    filesystem.mountTmpfs,
    filesystem.mountProc,
  ],
  [filesystem.enterRoot],
  [network.loopbackUp],
  [network.addVeth],
  [network.takeRoute],
  [network.addForwardedRoute],
  [network.addSandboxAddress, network.addGatewayAddress, network.addRoute, network.addReturnRoute],
  [service.openListeners],
  [process.newKeyring],
  [process.newSession],
  [process.resetSignals],
  [process.closeDescriptors],
  [resources.setLimit],
  [process.noNewPrivileges],
  [process.dropCapabilities],
  [seccomp.allowOneExec],
  [process.changeDirectory],
  [landlock.restrictSelf],
  [service.takeNotices],
  [seccomp.loadFilter],
  [process.execute],
] as const

type Descriptor = (typeof order)[number][number]
export type Step = Descriptor extends infer D extends StepDescriptor
  ? D extends StepDescriptor
    ? StepOf<D>
    : never
  : never
export type Op = Step['op']

/** All descriptors, in the order of their opcodes. */
export const descriptors: readonly StepDescriptor[] = order.flat()
