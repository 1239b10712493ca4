"""Tests the TypeScript of what an app declares: events, functions of pages, and error codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from pydantic import create_model
from typescript_check import check, registered
from typescript_corpus import CORPUS, Page, Person

from transom import Commands, DropOldest, Latest
from transom._typescript.names import to_camel
from transom._values.binary import shape_of
from transom._values.results import encoder_of


def test_events_and_functions_of_pages_have_the_types_of_commands(tmp_path: Path) -> None:
    """The whole corpus once more: what pages hear, send, are given and give."""
    commands = Commands()
    members: dict[str, Any] = {}
    for name, case in CORPUS.items():
        commands.event(name, case.annotation)

        def function(self: Any, arg: Any) -> Any: ...

        function.__annotations__ = {"arg": case.annotation, "return": case.annotation}
        members[name] = function
    commands.page(type("Everything", (), members))
    lines = [
        "type Sent = api.SentEvents;",
        "type Fn = (...all: never[]) => unknown;",
        "type Given<F extends Fn> = Parameters<F>[0];",
        "type Plain<F extends Fn> = Exclude<ReturnType<F>, Promise<any>>;",
    ]
    for name, case in CORPUS.items():
        method = f'api.Everything["{to_camel(name)}"]'
        # What a `None` gives is not looked at.
        takes = [f'Sent["{name}"]'] + [f"Plain<{method}>"] * (case.annotation is not None)
        for value in case.results:
            text = encoder_of(shape_of(case.annotation))(value)
            gives = (f'api.Events["{name}"]', f"Given<{method}>")
            lines += [f"(): {it} => ({text});" for it in gives]
        for body in case.bodies:
            lines += [f"(): {it} => ({body});" for it in takes]
        for body in case.wrong:
            for it in takes:
                lines += ["// @ts-expect-error", f"(): {it} => ({body});"]
    assert check(tmp_path, commands, "\n".join(lines)) == ""


class Editor(Protocol):
    """What an editor does for Python."""

    async def ask_user(self, question: Person, /) -> bool:
        """Asks */ the user."""
        ...

    async def focus(self) -> None: ...
    def delete(self, how: int | None) -> Page[int]: ...
    def listen(self) -> Any: ...


def test_events_and_functions_of_pages_are_written(tmp_path: Path) -> None:
    commands = Commands()
    commands.event("saved", Person)
    commands.event("app:numbers/1", list[int])
    anything: Any = Any
    commands.event("anything", anything)
    commands.page(Editor)
    script = """
export async function use() {
  const off = await api.listen("saved", ({ payload, id }) => {
    payload satisfies { name: string; age: number; email: string | null };
    id satisfies number;
  });
  await api.once("app:numbers/1", (event) => event.payload[0]?.toFixed(), { target: "main" });
  await api.listen("anything", (event) => event.payload satisfies unknown);
  await api.emit("saved", { name: "a" });
  await api.emit("anything", [1]);
  // @ts-expect-error
  await api.emit("saved", {});
  // @ts-expect-error
  await api.emit("other", 1);
  // @ts-expect-error
  await api.listen("other", () => {});
  // @ts-expect-error
  await api.listen("saved", (event) => event.payload.size);
  const takeBack: () => void = api.exposeEditor({
    askUser: async (question) => question.age > 3,
    focus() {},
    delete: (how) => ({ items: how === null ? [] : [how] }),
    listen: () => "anything",
  });
  class Form implements api.Editor {
    askUser = ({ name }: { name: string }) => name === "Ada";
    async focus() {}
    async delete() { return { items: [], more: true }; }
    listen() { return 1; }
  }
  api.exposeEditor(new Form());
  // @ts-expect-error
  api.exposeEditor({ focus() {} });
  // @ts-expect-error
  api.exposeEditor({ ...new Form(), askUser: () => "yes" });
  return { off, takeBack };
}
"""
    assert check(tmp_path, commands, script) == ""
    text = (tmp_path / "api.ts").read_text()
    assert "/** What an editor does for Python. */\nexport interface Editor {" in text
    assert "  /** Asks *\\/ the user. */\n  askUser(arg: PersonOutput): boolean |" in text
    assert 'python.expose("ask_user", (arg: PersonOutput) => page.askUser(arg)),' in text
    assert "ErrorCodes" not in text


def test_commands_and_models_keep_their_names(tmp_path: Path) -> None:
    """Those that the file needs itself get others."""
    commands = registered(
        {
            "listen": create_model("Events", value=(int, ...)),
            "expose_editor": create_model("Editor", value=(int, ...)),
            "tauri": create_model("ErrorCodes", value=(int, ...)),
        }
    )
    commands.event("saved", Person)
    commands.page(Editor)
    script = """
const body: Body<typeof api.listen> = { value: 1 };
const editor: api.Editor = { value: 1 };
export const all = [api.listen(body), api.exposeEditor(editor), api.tauri_({ value: 1 })];
const hear = ({ payload }: { payload: api.Events_2["saved"] }) => payload.name;
export const listening = api.listen_2("saved", hear);
export const exposed = (page: api.Editor_2) => api.exposeEditor_2(page);
export const code: api.ErrorCodes_2["listen"] = "aborted";
"""
    assert check(tmp_path, commands, script) == ""


def plain() -> None:
    """Does nothing."""


def test_a_command_has_the_codes_that_its_options_may_give(tmp_path: Path) -> None:
    commands = Commands()

    commands.command("plain")(plain)
    commands.command("render", executor="process", queue=Latest())(plain)
    commands.command("train", executor="gpu", queue=DropOldest(1))(plain)
    commands["own"] = ({}, lambda: "1")
    script = """
function caught<Name extends keyof api.ErrorCodes>(_: Name, code: api.ErrorCodes[Name]) {
  return code;
}
export const codes: api.CommonErrorCode[] = [caught("plain", "aborted"), caught("own", "internal")];
caught("render", "superseded");
caught("render", "worker-lost");
caught("train", "dropped");
caught("train", "worker-lost");
// @ts-expect-error
caught("plain", "worker-lost");
// @ts-expect-error
caught("plain", "superseded");
// @ts-expect-error
caught("render", "dropped");
// @ts-expect-error
caught("own", "dropped");
"""
    assert check(tmp_path, commands, script) == ""
    text = (tmp_path / "api.ts").read_text()
    said = "Its errors may also have the code `superseded` or `worker-lost`."
    assert f"/**\n * Does nothing.\n *\n * @throws {said}\n */\nexport function render(" in text
    assert "@throws Its errors may also have the code `dropped` or `worker-lost`." in text
    assert "/** Does nothing. */\nexport function plain(" in text
