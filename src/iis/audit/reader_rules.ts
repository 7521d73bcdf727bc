/** The reader's remarks: places that IIS does not read as written. */
import { wholeFile } from '../../model/place.ts'
import type { Machine } from '../read/machine.ts'
import type { Remark } from '../read/remark.ts'
import { byHand } from './cure_commands.ts'
import type { Rule } from './finding.ts'

const remarksAs =
  (wanted: (remark: Remark) => boolean, note: string): Rule['look'] =>
  (machines: readonly Machine[]) =>
    machines.flatMap(({ remarks }) =>
      remarks.filter(wanted).map(({ place, message }) => ({
        place,
        subject: 'configuration',
        what: message,
        mend: byHand(note),
      })),
    )

const doubtful: Rule = {
  id: 'configuration-doubtful',
  forExpress: true,
  isApart: true,
  severity: 'error',
  todo: 'correct what IIS does not read as written',
  title: 'A setting that IIS does not read as written',
  meaning: 'IIS refuses the whole section, so that its sites do not start, or falls back to a default.',
  look: remarksAs(({ notInForce }) => notInForce === undefined, 'correct the line as the text says'),
}

const shared: Rule = {
  id: 'shared-configuration',
  forExpress: true,
  severity: 'warning',
  todo: 'audit the file that IIS reads',
  title: 'The file is not the one that IIS reads',
  meaning: 'No fix made here reaches a user: the server reads its configuration from somewhere else.',
  look: remarksAs(({ notInForce }) => notInForce === true, 'audit the file in the shared folder instead'),
}

const express: Rule = {
  id: 'iis-express',
  severity: 'note',
  forExpress: true,
  todo: "audit a server's file",
  title: 'The file of IIS Express, not of a server',
  meaning:
    'IIS Express, which developers run, recycles nothing and preloads nothing: what users wait for is decided elsewhere.',
  look: (machines) =>
    machines
      .filter(({ isExpress }) => isExpress)
      .map(({ file }) => ({
        place: wholeFile(file),
        subject: 'configuration',
        what: "this is IIS Express's file",
        mend: byHand('audit the applicationHost.config of a server, in %windir%\\system32\\inetsrv\\config'),
      })),
}

export const readerRules: readonly Rule[] = [doubtful, shared, express]
