export { planRow, type RowPlan } from './planRow';
export { planScale, type PlanOptions, type ScaledRow, type ScalePlan } from './planScale';
export { planTables } from './planTable';
