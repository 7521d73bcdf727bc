/**
 * Looks at what is installed: the lock file by its own rules, and every package by what the registry knows of its
 * vulnerabilities. A registry that cannot be asked is no failure of ours, and is told in so many words. Exits 1 when
 * anything is wrong.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { type AuditReport, auditVerdict } from './audit_report.ts'
import { type LockFile, lockProblems } from './lock_file.ts'

const lock = JSON.parse(await readFile(new URL('../package-lock.json', import.meta.url), 'utf8')) as LockFile
const problems = lockProblems(lock)
for (const problem of problems) process.stdout.write(`${problem}\n`)
const count = Object.keys(lock.packages).length - 1
process.stdout.write(
  problems.length === 0
    ? `lock file: ${count} packages, each with its SHA-512, from no place of its own, without install scripts\n`
    : `lock file: ${problems.length} problems\n`,
)

const report = await new Promise<AuditReport>((resolve) => {
  execFile('npm', ['audit', '--json'], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
    try {
      resolve(JSON.parse(stdout) as AuditReport)
    } catch {
      resolve({ message: error?.message ?? 'npm audit said nothing' })
    }
  })
})
const { lines, isBad } = auditVerdict(report)
for (const line of lines) process.stdout.write(`${line}\n`)
if (problems.length > 0 || isBad) process.exitCode = 1
