/**
 * The report as JUnit XML, which has no standard: what Jenkins, GitLab and GitHub's actions read. A suite is a run; its
 * first case is the run as a whole, and has the run's time, because points are not timed.
 */
import { create } from 'xmlbuilder2'
import type { Point } from '../judge.js'
import type { RunSummary, Summary } from './summary.js'
import { landlockText } from './words.js'

/** What xmlbuilder2 makes elements and, of names with `@`, attributes of. */
type Node = Readonly<Record<string, unknown>>

/** `made`: when. */
export function junitXml(summary: Summary, made: Date): string {
  const suites = summary.runs.map((run) => suiteOf(run, made))
  const attributes = {
    '@name': 'palisade guests',
    '@tests': summary.runs.reduce((all, { points }) => all + points.length + 1, 0),
    '@failures': summary.counts.failed,
    '@errors': summary.runs.filter(({ faults }) => faults.length > 0).length,
    '@skipped': summary.counts.skipped,
    '@time': seconds(summary.runs.reduce((all, { wallSeconds }) => all + wallSeconds, 0)),
  }
  // Characters that XML 1.0 has not, such as U+FFFE.
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '\ufffd' })
  return `${document.ele({ testsuites: { ...attributes, testsuite: suites } }).end({ prettyPrint: true })}\n`
}

function suiteOf(run: RunSummary, made: Date): Node {
  return {
    '@name': run.name,
    '@tests': run.points.length + 1,
    '@failures': run.counts.failed,
    '@errors': run.faults.length > 0 ? 1 : 0,
    '@skipped': run.counts.skipped,
    '@time': seconds(run.wallSeconds),
    '@timestamp': made.toISOString().slice(0, 19),
    properties: { property: propertiesOf(run).map(([name, value]) => ({ '@name': name, '@value': value })) },
    testcase: [runCase(run), ...run.points.map((point) => caseOf(run, point))],
  }
}

function propertiesOf({ guest, tier, release, landlock, cpuSeconds }: RunSummary): readonly (readonly string[])[] {
  return [
    ['tier', tier],
    ['guest', guest.name],
    ['arch', guest.arch],
    ['release', release],
    ['landlock', landlockText(landlock)],
    ['processor seconds', seconds(cpuSeconds)],
  ]
}

function runCase({ name, faults, wallSeconds }: RunSummary): Node {
  const [first] = faults
  return {
    '@classname': `${name}.run`,
    '@name': 'it went to its end',
    '@time': seconds(wallSeconds),
    ...(first === undefined ? {} : { error: { '@message': first, '@type': 'fault', '#': faults.join('\n') } }),
  }
}

function caseOf(run: RunSummary, { layer, name, ok, skip, details }: Point): Node {
  const skipped = skip === null ? {} : { skipped: { '@message': skip } }
  const [message = ''] = details.split('\n')
  return {
    // Jenkins takes all up to the last dot for a package.
    '@classname': `${run.name}.${layer}`,
    '@name': name,
    '@time': '0',
    ...(ok ? skipped : { failure: { '@message': message, '@type': 'point', '#': details } }),
  }
}

function seconds(number: number): string {
  return number.toFixed(3)
}
