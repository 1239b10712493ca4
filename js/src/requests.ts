import { invoke, type InvokeArgs, type InvokeOptions } from "@tauri-apps/api/core";

/** How long a refusal of a request that was sent twice waits for the answer to the first, in milliseconds. */
const GRACE = 1_000;

/** What a request carries; asked for each time it is sent. */
export interface Payload {
  readonly args: InvokeArgs;
  readonly options?: InvokeOptions;
}

/**
 * The requests of one session, by Tauri's `invoke`.
 *
 * WebKit drops what is under way when its network process dies: such a request is neither answered nor
 * rejected. The host takes each request once however often it comes, so those are sent again, as they
 * were, when it tells of the loss.
 */
export class Requests {
  /** What sends each request that has not come back. */
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

  /** What is under way may be lost. */
  sendAgain(): void {
    for (const attempt of [...this.open]) attempt();
  }
}
