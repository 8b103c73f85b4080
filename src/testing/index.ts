/** For tests: `import { sandboxFor, verify, denied, wrote } from 'palisade/testing'`. */
export { sandboxFor, type TestContext, type TestResult, type TestSandbox } from './fixture.js'
export { allowed, denied, exited, verify, wrote, wroteNothing, type Matcher } from './matchers.js'
