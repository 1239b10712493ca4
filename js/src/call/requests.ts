// Sends requests by Tauri's `invoke`, and sends them again when WebKit has lost them.

import { invoke, type InvokeArgs, type InvokeOptions } from "@tauri-apps/api/core";

/**
 * How long the error of a request that was sent twice waits for the answer to the first one, in
 * milliseconds.
 */
const GRACE = 1_000;

/** The content of a request. It is asked for each time the request is sent. */
export interface Payload {
  readonly args: InvokeArgs;
  readonly options?: InvokeOptions;
}

/**
 * The requests of one session, by Tauri's `invoke`.
 *
 * WebKit drops requests in progress when its network process dies: they are neither answered nor
 * rejected. The host takes each request once, however often it arrives. So when the host reports
 * the loss, these requests are sent again as they were.
 */
export class Requests {
  /** The functions that send each request without an answer again. */
  private readonly open = new Set<() => void>();

  send<T>(command: string, payload: () => Payload): Promise<T> {
    return new Promise((resolve, reject) => {
      let sent = 0;
      const attempt = (): void => {
        const isFirst = sent++ === 0;
        const { args, options } = payload();
        invoke<T>(command, args, options).then(
          (value) => {
            this.open.delete(attempt);
            resolve(value);
          },
          (reason: unknown) => {
            const refuse = (): void => {
              this.open.delete(attempt);
              reject(reason);
            };
            if (isFirst) refuse();
            else setTimeout(refuse, GRACE);
          },
        );
      };
      this.open.add(attempt);
      attempt();
    });
  }

  get pending(): number {
    return this.open.size;
  }

  /** Sends everything again that may be lost. */
  sendAgain(): void {
    for (const attempt of [...this.open]) attempt();
  }
}
