const { pyInvoke } = window.__TAURI__.transom;
const find = (id) => document.getElementById(id);
const canvas = find("canvas");
const paper = canvas.getContext("2d");

paper.fillStyle = "white";
paper.fillRect(0, 0, canvas.width, canvas.height);
// Something with edges, which smoothing shows.
for (let i = 0; i < 40; i += 1) {
  paper.fillStyle = `hsl(${i * 47} 80% 55%)`;
  paper.fillRect((i * 97) % canvas.width, (i * 61) % canvas.height, 80, 50);
}

/** Sends typed arrays as bytes; what comes back is an `ArrayBuffer`, to be seen as the array it is. */
find("smooth").onclick = async () => {
  const { width, height } = canvas;
  const { data } = paper.getImageData(0, 0, width, height);
  const begin = performance.now();
  const smoothed = await pyInvoke("smooth", new Uint8Array(data.buffer), {
    headers: { "x-width": String(width) },
    onProgress: ({ done, total }) => {
      find("progress").value = done / total;
    },
  });
  paper.putImageData(new ImageData(new Uint8ClampedArray(smoothed), width, height), 0, 0);
  find("took").textContent = `${(performance.now() - begin).toFixed(0)} ms`;
};

find("spectrum").onclick = async () => {
  const signal = Float64Array.from({ length: 4096 }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / 4096));
  const strengths = new Float64Array(await pyInvoke("spectrum", new Uint8Array(signal.buffer)));
  find("peak").textContent = String(strengths.indexOf(Math.max(...strengths)));
};
