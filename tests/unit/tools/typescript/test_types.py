"""Tests the TypeScript of commands: `tsc --strict` reads it with values from the wire."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, create_model
from typescript_check import check, registered
from typescript_corpus import CORPUS, Branch, Choosy, Page, Pair, Person

from transom import Channel, Commands, JavaScriptChannelId, JsonText
from transom._typescript import pytauri
from transom._typescript.module import Module
from transom._typescript.names import to_camel
from transom._values.binary import shape_of
from transom._values.codec import _decoder
from transom._values.results import encoder_of


def test_values_of_the_wire_and_bodies_of_pages_have_these_types(tmp_path: Path) -> None:
    commands = registered({name: case.annotation for name, case in CORPUS.items()})
    functions = {command.name: name for name, command in Module(commands).functions()}
    lines: list[str] = []
    for name, case in CORPUS.items():
        encode = encoder_of(shape_of(case.annotation))
        decode = _decoder(case.annotation)
        function = f"api.{functions[name]}"
        for at, value in enumerate(case.results):
            text = encode(value)
            lines.append(f"export const {name}_{at}_out: Result<typeof {function}> = {text};")
        for at, body in enumerate(case.bodies):
            decode(body.encode())
            lines.append(f"export const {name}_{at}_in: Body<typeof {function}> = {body};")
        for at, body in enumerate(case.wrong):
            lines.append("// @ts-expect-error")
            lines.append(f"export const {name}_{at}_no: Body<typeof {function}> = {body};")
    assert check(tmp_path, commands, "\n".join(lines)) == ""


def sample(  # noqa: PLR0911 - one for each form of a schema
    schema: dict[str, Any], definitions: dict[str, Any], dice: random.Random
) -> Any:
    """A value of the TypeScript type that is written for a schema, with integers for `int`."""
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].rpartition("/")[2]], definitions, dice)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return dice.choice(schema["enum"])
    if members := schema.get("anyOf", schema.get("oneOf")):
        # The last one ends what is recursive.
        return sample(dice.choice([*members, members[-1]]), definitions, dice)
    match schema.get("type"):
        case "array":
            first = [sample(it, definitions, dice) for it in schema.get("prefixItems", [])]
            cut = dice.randint(schema.get("minItems", 0), len(first)) if first else 0
            if first or schema.get("maxItems") == 0:
                return first[:cut]
            items = schema.get("items", {})
            return [sample(items, definitions, dice) for _ in range(dice.choice([0, 0, 1, 2]))]
        case "object":
            properties, required = schema.get("properties", {}), schema.get("required", [])
            found = {
                name: sample(inner, definitions, dice)
                for name, inner in properties.items()
                if name in required or dice.random() < 0.4
            }
            others = schema.get("additionalProperties")
            if isinstance(others, dict) and not properties:
                keys = schema.get("propertyNames", {"type": "string"})
                found[sample(keys, definitions, dice)] = sample(others, definitions, dice)
            return found
        case kind:
            plain: dict[Any, Any] = {
                "string": ["", "a", "é\u2028😀"],
                "integer": [0, -1, 2**31],
                "number": [0, 1.5, -1e300],
                "boolean": [True, False],
                "null": [None],
            }
            return dice.choice(plain.get(kind, [None, 1, "a", [], {}]))


@pytest.mark.parametrize("name", [name for name, case in CORPUS.items() if case.plain])
def test_what_has_the_type_is_a_valid_body(name: str) -> None:
    """The types are written from the schemas, so a value of the schema is one of the type."""
    annotation = CORPUS[name].annotation
    module = Module(registered({name: annotation}))
    ((_, command),) = module.functions()
    assert command.body is not None
    decode, dice = _decoder(annotation), random.Random(name)
    if command.body.json is None:
        return
    bodies = module._bodies
    for _ in range(200):
        body = sample(dict(bodies.schema(command.body.json)), dict(bodies.definitions), dice)
        decode(json.dumps(body).encode())


class Progress(BaseModel):
    done: int = 0


class Start(BaseModel):
    channel: JavaScriptChannelId[Progress]
    name: str


def test_bytes_streams_channels_and_what_is_unknown(tmp_path: Path) -> None:
    commands = Commands()

    @commands.command()
    def flip(body: bytes) -> bytes:
        """Turns */ it round.

        Twice.
        """
        return body

    @commands.command()
    def maybe(body: memoryview | list[int] | None) -> bytes | None:
        return None

    @commands.command()
    async def ticks(body: int) -> AsyncIterator[Person]:
        yield Person(name="")

    @commands.command()
    def chunks() -> Iterator[bytes]:
        yield b""

    @commands.command()
    async def start(body: Start) -> None:
        Channel.send_model  # noqa: B018

    @commands.command()
    async def only(body: JavaScriptChannelId[Person]) -> None: ...

    @commands.command()
    def ready() -> JsonText:
        return JsonText("{}")

    commands["own"] = ({}, lambda: "1")
    script = """
import { Channel } from "@tauri-apps/api/core";
export async function use() {
  const flipped: ArrayBuffer = await api.flip(new Uint8Array(1));
  const same: ArrayBuffer = await api.flip(new ArrayBuffer(1), { timeout: 1 });
  const maybe: ArrayBuffer | null = await api.maybe([1]);
  await api.maybe(new DataView(same));
  for await (const person of api.ticks(1, { buffer: 1 })) person.name satisfies string;
  for await (const chunk of api.chunks()) chunk satisfies ArrayBuffer;
  const signal = AbortSignal.timeout(1);
  const all = api.chunks({ signal, totalTimeout: 1 });
  const progress = new Channel<{ done: number }>();
  const nothing: null = await api.start({ channel: progress, name: "a" }, { signal });
  await api.only(new Channel<{ name: string; age: number; email: string | null }>());
  const released = api.flip(new Uint8Array(1)).released;
  const unknown: unknown = [await api.own(), await api.ready()];
  // @ts-expect-error
  await api.flip([1]);
  // @ts-expect-error
  await api.flip();
  // @ts-expect-error
  await api.start({ channel: new Channel<{ done: string }>(), name: "a" });
  // @ts-expect-error
  api.chunks(1);
  // @ts-expect-error
  const wrong: string = await api.own();
  // @ts-expect-error
  const text: string = await api.ready();
  return { flipped, maybe, all, nothing, released, unknown, wrong, text };
}
"""
    assert check(tmp_path, commands, script) == ""
    text = (tmp_path / "api.ts").read_text()
    assert "/**\n * Turns *\\/ it round.\n *\n * Twice.\n */\nexport function flip(" in text


def test_every_name_of_a_command_gives_valid_typescript(tmp_path: Path) -> None:
    names = [
        "delete",
        "default",
        "await",
        "a b",
        "a-b",
        "a_b",
        "aB",
        "größe",
        "1st",
        "😀",
        "'\"\\`",
    ]
    names += ["\n", "${x}", "body", "options", "python", "__proto__", "pyInvoke", "_", "*/", "é"]
    commands = Commands()

    def command(what: int) -> None: ...

    command.__annotations__ = {"return": None}
    for name in names:
        commands.set_command(name, partial(command, 1))
    functions = [name for name, _ in Module(commands).functions()]
    assert len(set(functions)) == len(names)
    assert functions[:7] == ["delete_", "default_", "await_", "a_b", "a_b_2", "aB", "aB_2"]
    use = "\n".join(f"export const f{at} = api.{name}();" for at, name in enumerate(functions))
    assert check(tmp_path, commands, use) == ""


def test_models_of_one_name_stay_apart(tmp_path: Path) -> None:
    def model(kind: type) -> Any:
        return create_model("Thing", value=(kind, ...))

    one, two = model(int), model(str)
    commands = registered({"one": one, "two": two, "thing_input": Person})
    script = """
export const one: Body<typeof api.one> = { value: 1 };
export const two: Body<typeof api.two> = { value: "a" };
// @ts-expect-error
export const wrong: Body<typeof api.two> = { value: 1 };
"""
    assert check(tmp_path, commands, script) == ""


def test_generic_models_have_parts_by_name(tmp_path: Path) -> None:
    annotations = {
        "page": Page[Person],
        "all_pages": list[Page[Page[int]]],
        "pair": Pair[str, dict[str, Person]],
        "branch": Branch[int],
        "choosy": Choosy[int],
        "letter": create_model("T", value=(int, ...)),
    }
    assert check(tmp_path, registered(annotations), "") == ""
    text = (tmp_path / "api.ts").read_text()
    assert "page(body: PageInput<PersonInput>, " in text
    assert "python.PyCall<PageOutput<PersonOutput>>" in text
    assert "allPages(body: PageInput<PageInput<number>>[], " in text
    assert "pair(body: Pair<string, { [key: string]: PersonInput }>, " in text
    assert "export interface PageInput<T_> {\n  items: T_[];\n" in text
    assert "export interface Pair<T_, K> {\n  one: T_;\n  two: K;\n}" in text
    assert "  branches?: BranchInput<T_>[];\n" in text
    assert "export interface Choosy_int {" in text
    assert "export interface T {" in text
    assert "__" not in text


def test_the_files_of_pytauri_have_the_types_of_models_and_commands(tmp_path: Path) -> None:
    commands = registered({"say_hello": Person})
    commands.set_command("say_nothing", nothing)
    pytauri.write(commands, str(tmp_path), to_camel)
    script = """
import type { Commands, PersonInput } from "./_apiTypes";
import * as client from "./apiClient";
const body: PersonInput = { name: "a" };
export const person: Promise<Commands["say_hello"]["output"]> = client.sayHello(body);
export const bodies: Commands["say_hello"]["input"][] = [body];
export const none: Promise<null>[] = [client.sayNothing(), client.sayNothing(undefined)];
"""
    assert check(tmp_path, commands, script) == ""


async def nothing() -> None: ...
