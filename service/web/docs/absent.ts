/** Stands in for what the reference's component and the document model import, and never call here. */

export default { schemas: {} };
export class Parser {}
export class Document {}
export const DiagnosticSeverity = {};
