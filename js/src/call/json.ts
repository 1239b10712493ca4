// Writes values as JSON, and refuses values that JSON would lose.

/** Parts of a JSON text that may stand for something else: `{}`, or an object of numbers. */
const SUSPICIOUS = /\{\}|\{"0":/;
/** Objects that JSON writes as the value which they hold. */
const BOXES: ReadonlySet<string> = new Set(["Object", "Number", "String", "Boolean"]);
/** The tags of buffers, which also identify buffers that were made in another frame. */
const BUFFER_TAGS: ReadonlySet<string> = new Set(["ArrayBuffer", "SharedArrayBuffer"]);

/**
 * A value as JSON text; `undefined` where JSON has none for it, as for a function.
 *
 * @throws For what JSON refuses, and for what it would lose wherever that stands: bytes, a `Map`, a `Blob`, a promise.
 */
export function toJson(value: unknown): string | undefined {
  if (typeof value === "bigint") throw new TypeError("it is a BigInt: give its text");
  const text = JSON.stringify(value) as string | undefined;
  // To look at each value takes several times as long as to write it.
  if (text !== undefined && SUSPICIOUS.test(text)) JSON.stringify(value, refuseLost);
  return text;
}

export function isBinary(value: unknown): value is ArrayBufferLike | ArrayBufferView {
  if (typeof value !== "object" || value === null) return false;
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || BUFFER_TAGS.has(tagOf(value));
}

/** Called for every value that JSON is about to write, after its `toJSON`. */
function refuseLost(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (isBinary(value)) throw new TypeError("it holds bytes, and JSON has none. Give an ArrayBuffer or a view of one by itself");
  if (!BOXES.has(tagOf(value)) && Object.keys(value).length === 0) {
    throw new TypeError(`JSON keeps nothing of a ${tagOf(value)}. Give an ArrayBuffer or a view of one for bytes, else plain objects and arrays`);
  }
  return value;
}

/** The tag, such as `Map` or `Blob`. It also works for objects of another frame. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
