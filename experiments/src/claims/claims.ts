import { architectureClaims } from './architecture';
import type { Claim } from './claim';
import { table1Claims } from './table1';

/** The paper's claims, by number. */
export const claims: readonly Claim[] = [...table1Claims, ...architectureClaims];
