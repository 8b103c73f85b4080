/** The launcher of every arch, built on this machine, is protected as a file can say. */
import t from 'tap'
import { lacking } from '../integration/hardening.js'
import { buildPrograms } from './host/programs.js'
import { guests } from './matrix.js'

for (const arch of new Set(guests.map((guest) => guest.arch))) {
  t.test(arch, async (t) => {
    t.same(await lacking(buildPrograms(arch).launcher), [])
  })
}
