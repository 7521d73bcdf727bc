import { expect, test } from 'vitest'
import { createCommentary } from '../../src/cli/demo_commentary.ts'
import { systemClock } from '../../src/runtime/clock.ts'

test('what is told again without a kind is shown and not counted', () => {
  let text = ''
  const commentary = createCommentary({ write: (piece) => void (text += piece) }, systemClock)
  commentary.add('farmprobe', 'incident_opened', 'On demo, web01 recycled')
  commentary.add('farmprobe', undefined, 'Requests to demo have failed')
  commentary.closing()
  expect(text).toMatch(/farmprobe {2}On demo.*\n.*farmprobe {2}Requests to demo have failed\n/)
  expect(text).toMatch(/^what farmprobe saw: 1 incident opened$/m)
})
