// Generated from src/plan/descriptors.ts by `npm run generate`. Do not edit.

/** What schema-digest.ts says of the descriptors. */
export const schemaDigest = 0x026e8ef1
