import * as z from 'zod'
import { duration, section, size, wholeNumber, wholeSeconds } from '../../policy/values.js'

/** Default of fs.nr_open, which no descriptor limit can be above. */
const filesMax = 1_048_576
/** The limit holds while the launcher ends its set-up, and a dynamic loader needs some besides 0, 1 and 2. */
const filesMin = 16
/** PID_MAX_LIMIT of a 64-bit kernel, which takes no more for pids.max, where our own pid 1 counts too. */
const processesMax = 4_194_304

/** A period of cpu.max is 100 ms, and the least that the kernel gives of it is 1 ms. */
const cpusMin = 0.01
const cpusMax = 8192

/** `limits`: setrlimit(2), a cgroup and the wall clock. Absent: the caller's limits. */
export function schema() {
  return section({
    wall: duration().optional().describe('Time by the clock. Then SIGTERM, and SIGKILL a little later.'),
    cpu: wholeSeconds().optional().describe('CPU time of each process, in whole seconds (RLIMIT_CPU).'),
    files: wholeNumber(filesMin, filesMax).optional().describe('Open descriptors of each process (RLIMIT_NOFILE).'),
    processes: wholeNumber(1, processesMax)
      .optional()
      .describe("Processes and threads of the program's user at a time (RLIMIT_NPROC)."),
    memory: size()
      .optional()
      .describe(
        'Memory of everything inside together, with page cache and files in /tmp (cgroup v2). What goes over it is killed, and all the rest with it. Nothing of it is swapped.',
      ),
    pids: wholeNumber(1, processesMax - 1)
      .optional()
      .describe('Processes and threads of everything inside together (cgroup v2).'),
    cpus: z
      .number({ error: 'expected a number of processors' })
      .min(cpusMin, { error: `must be between ${cpusMin} and ${cpusMax}` })
      .max(cpusMax, { error: `must be between ${cpusMin} and ${cpusMax}` })
      .optional()
      .describe('Processor time of everything inside together, in processors (cgroup v2): 0.5 is half of one.'),
    'file-size': size().optional().describe('Size of any file that is written (RLIMIT_FSIZE).'),
    'address-space': size().optional().describe('Address space of each process (RLIMIT_AS).'),
    stack: size().optional().describe('Stack of the main thread (RLIMIT_STACK).'),
  })
}
