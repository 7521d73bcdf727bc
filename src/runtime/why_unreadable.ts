const whyByCode: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a directory, not a file',
  EBUSY: 'another program holds it open',
}

/** Why a file could not be read, as a clause for a message; the system's own words where there are no better ones. */
export const whyUnreadable = ({ code = '', message }: NodeJS.ErrnoException): string =>
  whyByCode[code] ?? message
