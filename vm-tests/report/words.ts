/** How the forms of the report say numbers. */

/** `1 fault`, `2 faults`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** `41 s`, `3 min 5 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** Of a guest's fact `ABI ERRATA`. */
export function landlockText(fact: string): string {
  const [abi = '', errata = '0'] = fact.split(' ')
  if (abi === '') return ''
  return errata === '0' ? `ABI ${abi}` : `ABI ${abi}, errata ${errata}`
}
