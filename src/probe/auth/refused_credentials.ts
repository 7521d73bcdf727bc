import type { Check } from '../../model/farm.ts'
import type { Answer } from '../exchange/answer.ts'
import { type Failure, failures } from '../failure.ts'
import { challengesOf, isWindows, schemesText } from './challenges.ts'

/**
 * What a 401 that is not expected says of the credentials in the header of a request, or of those that are lacking; undefined
 * for a site that asks for none of Windows.
 */
export function refusalOf(
  answer: Pick<Answer, 'headers'>,
  { authorization }: Pick<Check, 'authorization'>,
): Failure | undefined {
  const asked = challengesOf(answer)
  if (authorization !== undefined)
    return failures.credentialsRefused(
      authorization.startsWith('Basic ') ? 'basic' : 'bearer',
      schemesText(asked),
    )
  return asked.some(isWindows) ? failures.askedForWindows(schemesText(asked.filter(isWindows))) : undefined
}
