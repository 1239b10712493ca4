/** The text of `api-iife.js`, with nothing left to import. */
export function globalScript(): Promise<string>;
/** The text of `evaluation-iife.js`, which declares `transom`. */
export function evaluationScript(): Promise<string>;
