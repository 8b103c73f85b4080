/** The text of `policies/policy.schema.json`, by which editors check and complete policies. */
import { policyJsonSchema } from '../policy/json-schema.js'

export function generateSchema(): string {
  return `${JSON.stringify(policyJsonSchema(), null, 2)}\n`
}
