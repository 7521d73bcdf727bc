/**
 * Prints each failed test with why, and last `N passed, N failed`, the sum of vitest's JSON reports, whose files are the
 * arguments; fails when one is missing or tells of a failure. Runs on the system's own Node, since it has to speak when
 * `npm ci` has failed too.
 */
import { existsSync, readFileSync } from 'node:fs'

let passed = 0
let failed = 0
let isWhole = true
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`FAILED: no report was written to ${file}`)
    isWhole = false
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed += report.numPassedTests
  failed += failuresIn(report)
  for (const line of failedTests(report)) console.log(line)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = isWhole && failed === 0 && passed > 0 ? 0 : 1

/** Each failed test and each file that failed as a whole, with the first lines of why. */
function failedTests(report) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (tests.length > 0)
      return tests.map(({ fullName, failureMessages }) => `FAILED: ${fullName}: ${why(failureMessages?.[0])}`)
    return status === 'failed' ? [`FAILED: ${name}: ${why(message)}`] : []
  })
}

function why(text = '') {
  return text.split('\n').slice(0, 3).join(' ').slice(0, 500)
}

/** A file that fails to load, or in a hook, has no failed test to count, and neither has an error outside of all. */
function failuresIn(report) {
  const files = report.testResults.map(({ status, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === 'failed').length
    return status === 'failed' ? Math.max(1, tests) : tests
  })
  const counted = files.reduce((sum, count) => sum + count, 0)
  return report.success ? counted : Math.max(1, counted)
}
