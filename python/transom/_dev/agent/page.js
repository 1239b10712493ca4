// Runs in each page under `transom dev`, before its own scripts: collects what it writes to the
// console and its unhandled errors, and shows what is wrong with the app's Python code.
(() => {
  if (window !== window.top || window.__transomDev) return;
  const MOST = 1000;
  let lines = [];
  let wake = null;
  const add = (level, text, stack) => {
    if (lines.length < MOST) lines.push({ level, text: text.slice(0, 10000), stack });
    wake?.();
  };
  const show = (value) => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return `${value}\n${value.stack ?? ""}`;
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  };
  for (const level of ["debug", "log", "info", "warn", "error"]) {
    const write = console[level];
    console[level] = (...values) => {
      try {
        add(level, values.map(show).join(" "));
      } finally {
        write.apply(console, values);
      }
    };
  }
  addEventListener("error", (event) => {
    if (event.error || event.message) add("error", event.message, event.error?.stack);
  });
  addEventListener("unhandledrejection", ({ reason }) => {
    add("error", `unhandled rejection: ${reason}`, reason?.stack);
  });

  // All lines since the last call, once there are some. A later call takes the place of this one.
  const take = () =>
    new Promise((resolve) => {
      wake?.([]);
      const give = (these) => {
        wake = null;
        if (!these) [these, lines] = [lines, []];
        resolve(these);
      };
      if (lines.length) give();
      else wake = give;
    });

  let shown = null;
  const overlay = (problem) => {
    shown?.remove();
    shown = null;
    if (!problem) return;
    const draw = () => {
      if (shown) return;
      shown = document.createElement("transom-overlay");
      const root = shown.attachShadow({ mode: "open" });
      const box = document.createElement("div");
      box.style.cssText =
        "position:fixed;inset:0;z-index:2147483647;overflow:auto;padding:2rem;" +
        "background:rgba(20,20,24,.94);color:#eee;font:14px/1.5 ui-monospace,monospace";
      const line = (text, style) => {
        const part = document.createElement("pre");
        part.textContent = text;
        part.style.cssText = `margin:0 0 1rem;white-space:pre-wrap;${style}`;
        box.append(part);
      };
      line(problem.title, "color:#ff7b72;font-weight:bold");
      if (problem.file) line(`${problem.file}:${problem.line ?? "?"}`, "color:#79c0ff");
      line(problem.traceback, "");
      line("The old code still runs. This goes when the file is mended; click to hide it.", "color:#aaa");
      root.append(box);
      shown.addEventListener("click", () => overlay(null));
      document.documentElement.append(shown);
    };
    if (document.documentElement) draw();
    else addEventListener("DOMContentLoaded", draw, { once: true });
  };
  Object.defineProperty(window, "__transomDev", { value: Object.freeze({ take, overlay }) });
})();
