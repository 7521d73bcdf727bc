/** Tests of rules, and promtool's answers to them. */
import { stringify } from 'yaml'
import { tempDir } from '../temp_dir.ts'
import { type RuleFile, tool } from './rule_files.ts'

/** What promtool says to test cases of these rules, and whether it was content. */
export async function testRules(
  rules: RuleFile<unknown>,
  cases: object,
): Promise<{ ok: boolean; said: string }> {
  await using dir = await tempDir()
  const rule_files = [await dir.write('rules.yaml', stringify(rules))]
  // Without it the groups are evaluated in no order, and alerts may come before what they are about is recorded.
  const group_eval_order = rules.groups.map(({ name }) => name)
  const file = await dir.write('cases.yaml', stringify({ ...cases, rule_files, group_eval_order }))
  return await tool('promtool', 'test', 'rules', file)
}
