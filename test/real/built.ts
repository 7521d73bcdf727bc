import { fileURLToPath } from 'node:url'
import { build } from '../../tools/build.ts'

/** What stands beside real servers is what is shipped: farmprobe as it is built. */
export default async function buildFarmprobe(): Promise<void> {
  const folder = fileURLToPath(new URL('../../dist', import.meta.url))
  await build(folder)
  process.env['FARMPROBE_MAIN'] = `${folder}/farmprobe.js`
}
