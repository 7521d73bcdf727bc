/** Where answers show which worker process gave them, of a farm or of one of its checks. */
import { either } from './collections.ts'
import { jsonPointer, tokenName } from './http_values.ts'
import { oneKeyOf } from './mapping.ts'
import { optional } from './part.ts'
import { pattern } from './patterns.ts'
import { choice } from './scalars.ts'

export const identitySource = either(
  choice(['auto']),
  oneKeyOf({
    header: optional(tokenName('header', 'X-Worker'), 'A response header.', { example: 'X-Worker' }),
    cookie_name: optional(
      tokenName('cookie', 'ASPSESSIONID*'),
      'The name of a cookie that is set, where it changes with the worker; a `*` at its end stands for the part that does.',
      { as: 'cookieName', example: 'ASPSESSIONID*' },
    ),
    json: optional(jsonPointer, 'A JSON pointer into the body.', { example: '/startedAt' }),
    body: optional(pattern, 'A regular expression for the body: its first group, or the whole match.', {
      example: 'pid=(\\d+)',
    }),
  }),
)
