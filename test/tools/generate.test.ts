import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { generatedFiles } from '../../tools/generate.ts'

test.for([...generatedFiles()])(
  '%s is what the code says (npm run generate mends it)',
  async ([path, text]) => {
    const committed = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
    expect(committed).toBe(text)
  },
)
