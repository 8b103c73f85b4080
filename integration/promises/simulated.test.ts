/**
 * The calls of every promise on all arches, decided by our simulator. On aarch64, arm and riscv64 this is all that
 * runs here: QEMU's user mode has no seccomp (QEMU 7.2.22 of Debian 12 answers ENOSYS to seccomp(2) and EINVAL to
 * prctl(PR_SET_SECCOMP) of aarch64, arm and riscv64 programs), so a filter of theirs needs a virtual machine.
 */
import t from 'tap'
import type { Arch } from '../../src/host/facts.js'
import { actionOf, lets, type Action } from '../../src/layers/seccomp/action.js'
import { auditArch, reachableArches } from '../../src/layers/seccomp/arch.js'
import { decodeProgram } from '../../src/layers/seccomp/code/bpf.js'
import { dataWords, simulate } from '../../src/layers/seccomp/code/simulate.js'
import { promiseNames } from '../../src/layers/seccomp/promises.js'
import { actionText, compileFilter, evaluateSyscall } from '../../src/layers/seccomp/seccomp.js'
import { callsOf, granting, meaningWith } from './requests.js'
import { sampleText, type Sample } from './samples.js'

const natives: readonly Arch[] = ['aarch64', 'arm', 'riscv64', 'i386', 'x86_64']

for (const native of natives) {
  t.test(`${native}: promises let what they grant through, and nothing beside it`, (t) => {
    for (const { promises, by } of granting) {
      const { program } = compileFilter({ arch: native, promises, denied: 'EPERM' })
      const instructions = decodeProgram(program)
      const meaning = meaningWith(promises, native)
      for (const arch of reachableArches(native)) {
        const answer = ({ call, args }: Sample): Action => {
          const data = { arch: auditArch[arch], number: call.number, args }
          return actionOf(simulate(instructions, dataWords(data)).value)
        }
        const { inside, outside } = callsOf(meaning, arch, by)
        const refused = inside.filter((sample) => !lets(answer(sample)))
        t.same(refused.map(sampleText), [], `${arch}: ${promises.join(' + ')}: ${inside.length} calls inside`)
        const passed = outside.filter((sample) => actionText(answer(sample)) !== actionText(sample.answer))
        t.same(passed.map(sampleText), [], `${arch}: ${promises.join(' + ')}: ${outside.length} calls outside`)
      }
    }
    t.end()
  })

  t.test(`${native}: the tables of other arches kill`, (t) => {
    const { program } = compileFilter({ arch: native, promises: promiseNames, denied: 'EPERM' })
    for (const arch of natives.filter((one) => !reachableArches(native).includes(one))) {
      for (const nr of [0, 1, 60, 93, 281, -1]) {
        t.equal(evaluateSyscall(program, { arch, nr, args: [] }), 'kill_process', `${arch} ${nr}`)
      }
    }
    t.end()
  })
}
