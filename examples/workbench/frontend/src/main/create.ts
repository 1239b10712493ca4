// Shows the dialog that creates a document.

import { newDocument } from "../shared/api";
import { byId, setText } from "../shared/dom";

/** The dialog that asks for a name; Python says what is wrong with it. */
export function createDialog(): { open: () => void } {
  const dialog = byId("create", HTMLDialogElement);
  const name = byId("create-name", HTMLInputElement);
  const error = byId("create-error", HTMLParagraphElement);

  byId("create-cancel", HTMLButtonElement).addEventListener("click", () => dialog.close());
  name.addEventListener("input", () => setText(error, ""));
  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    newDocument(name.value.trim()).then(
      () => dialog.close(),
      (reason: Error) => {
        setText(error, reason.message);
        name.focus();
      },
    );
  });

  return {
    open() {
      setText(error, "");
      name.value = "untitled.md";
      dialog.showModal();
      name.focus();
      name.setSelectionRange(0, "untitled".length);
    },
  };
}
