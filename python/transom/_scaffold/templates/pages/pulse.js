// The second window: a stream, drawn as a line, and an event.
/** @import { Beat, Greeted } from "./api.ts" */

const { pyStream } = window.__TAURI__.transom;
const { listen } = window.__TAURI__.event;
const late = document.getElementById("late");
const line = document.getElementById("line");

/** @param {{payload: Greeted}} event */
const hear = ({ payload }) => {
  document.getElementById("said").textContent = `${payload.name} was greeted.`;
};
await listen("greeted", hear);

/** How many beats the line shows. */
const WIDTH = 100;
const beats = Array(WIDTH).fill(0);

/** @type {AsyncIterable<Beat>} */
const stream = pyStream("pulse", undefined, { conflate: true });
for await (const beat of stream) {
  beats.push(beat.late);
  beats.shift();
  late.value = `${beat.late.toFixed(1)} ms`;
  const top = Math.max(5, ...beats);
  line.setAttribute("points", beats.map((it, at) => `${at},${39 - (38 * it) / top}`).join(" "));
}
