/** The limits and rules that refuse clients of the web interface. */
export const turnedAway = [
  'connections',
  'certificate',
  'host',
  'rate',
  'no_password',
  'password',
  'passwords_busy',
  'body',
  'scrapes',
  'streams',
  'probes',
  'answers',
  'pages',
  'pipelined',
  'resets',
] as const
