/** The text of the script, with nothing left to import. */
export function globalScript(): Promise<string>;
