// Asks the user whether an editor window with unsaved changes may close.

import { expose } from "tauri-plugin-transom-api";
import { byId, setText } from "../shared/dom";

/**
 * Answers Python when it asks whether this window may close: `"close"` or `"keep"`.
 *
 * @param save writes the text to disk; rejects with what went wrong.
 */
export function answerClosing(save: () => Promise<void>): void {
  const dialog = byId("closing", HTMLDialogElement);
  const text = byId("closing-text", HTMLParagraphElement);
  const error = byId("closing-error", HTMLParagraphElement);

  expose("confirmClose", (name: string) => {
    setText(text, `“${name}” has changes that are not on disk.`);
    setText(error, "");
    dialog.showModal();
    return new Promise<"close" | "keep">((resolve) => {
      const done = new AbortController();
      const settle = (answer: "close" | "keep"): void => {
        done.abort();
        dialog.close();
        resolve(answer);
      };
      dialog.addEventListener("cancel", () => settle("keep"), done);
      dialog.addEventListener(
        "click",
        ({ target }) => {
          if (!(target instanceof HTMLButtonElement)) return;
          if (target.value === "keep") settle("keep");
          if (target.value === "discard") settle("close");
          if (target.value === "save")
            save().then(
              () => settle("close"),
              (reason: Error) => setText(error, reason.message),
            );
        },
        done,
      );
    });
  });
}
