/** Formats numbers, sizes, dates and durations for people. */

const numbers = new Intl.NumberFormat("en");
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });

export const number = (value: number): string => numbers.format(value);

export const plural = (count: number, one: string): string =>
  `${number(count)} ${one}${count === 1 ? "" : "s"}`;

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)} kB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}

/** A time in seconds since 1970, the way a list shows it. */
export function moment(seconds: number, now = Date.now()): string {
  const then = new Date(seconds * 1000);
  const age = now / 1000 - seconds;
  if (age < 45) return "Just now";
  if (age < 3600) return `${Math.max(1, Math.round(age / 60))} min ago`;
  return then.toDateString() === new Date(now).toDateString()
    ? `Today ${clock.format(then)}`
    : day.format(then);
}

export const time = (date: Date): string => clock.format(date);

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

export const minutes = (value: number): string =>
  value < 1 ? "under a minute" : `${Math.round(value)} min`;
