// Defines the options of calls, streams and jobs.

/** Progress of a running call, as the command reported it. */
export interface Progress {
  readonly done: number;
  /** How much there is to do, `null` where the command does not know. */
  readonly total: number | null;
  readonly message: string | null;
}

export interface InvokeOptions {
  /**
   * Cancels the call. It rejects at once with `signal.reason`, as `fetch` does: a call that still
   * waits is never sent, a running one is cancelled in Python. Already aborted: nothing is sent.
   */
  readonly signal?: AbortSignal | undefined;
  /** Told of the command's progress, at most 30 times per second; the last time before the call settles. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * More headers for the command to read. Values are Latin-1 text, which arrives as UTF-8; several of
   * one name are joined by commas. `transom` and names that begin with `tauri-` belong to the bridge
   * and are left out.
   */
  readonly headers?: HeadersInit | undefined;
  /**
   * How long the call may take, in milliseconds from now, all its waiting included. Beyond it the
   * call rejects with the code `deadline-exceeded` (`name` is `"TimeoutError"`); its code is
   * cancelled, and never starts if it still waited. The command may have a shorter one of its own.
   * Default: only that one.
   */
  readonly timeout?: number | undefined;
  /**
   * `"background"`: calls that are `"interactive"` (the default) go first where calls wait, but for
   * one place in ten.
   */
  readonly priority?: "interactive" | "background" | undefined;
  /**
   * What to do while the host takes no more calls, because as many of this window or of the app
   * are in flight as it allows, or wait with as many bytes: `"wait"` (default) for a free place, in
   * order; `"reject"` with the code `overloaded`. A command that is too busy rejects in any case.
   */
  readonly overflow?: "wait" | "reject" | undefined;
}

export interface PyStreamOptions extends InvokeOptions {
  /**
   * How many items may be on their way to the loop, 1 to 1,024 (default). With 1 the generator waits
   * at each `yield` until the loop has taken the item before.
   */
  readonly buffer?: number | undefined;
  /**
   * How long the next item may take, in milliseconds; the time that the generator waits for the loop
   * does not count. The loop throws `deadline-exceeded` then.
   */
  readonly timeout?: number | undefined;
  /** How long the whole stream may take, in milliseconds. Default: without end. */
  readonly totalTimeout?: number | undefined;
  /** Keep only the latest item that the loop has not taken, and never make the generator wait. Default: no. */
  readonly conflate?: boolean | undefined;
}

export interface AttachOptions {
  /** Cancels the job, as a call's signal cancels the call. */
  readonly signal?: AbortSignal | undefined;
  /** Told of the progress so far at once, then as a call's. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
