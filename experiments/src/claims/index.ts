export { assessClaims, type AssessedClaim, type AssessedComparison } from './assess';
export type { Claim, Comparison } from './claim';
export {
  claimRecord,
  claimsTable,
  describeClaim,
  verdictsTable,
  type ClaimRecord,
  type ClaimsOf,
  type ComparisonRecord,
} from './describe';
export { claimsFigures } from './figures';
