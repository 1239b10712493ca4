"""Replaces the code of a running app: all of what has changed, or nothing."""

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ... import _swapping
from ..._commands.options import options_for
from ..._executors.addresses import function_of
from ..._executors.process import ProcessPool
from ...errors import TransomError
from .callbacks import Callbacks
from .graph import MAIN, Graph, ModuleSource, RestartError
from .modules import Renewal
from .project import AppModules
from .states import Kept, States
from .tasks import check_threads, stop

OWN = str(Path(__file__).parent.parent.parent)
"""The folder of this package, whose own lines of a traceback tell an author nothing."""

if TYPE_CHECKING:
    from ..._app.runtime import Runtime
    from ..._commands.declared import Declared
    from ..._commands.handler import InvokeHandler
    from ..._commands.registry import Registry


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the new code."""

    title: str
    file: str | None
    line: int | None
    traceback: str


class NewCodeError(TransomError):
    """The new code is not fit to be used, and the old one stays."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


class Swapper:
    """Swaps the code of one app, one swap at a time."""

    def __init__(
        self,
        root: Path,
        handler: "InvokeHandler",
        runtime: "Runtime",
        callbacks: Callbacks,
        kept: Callable[[], Kept],
    ) -> None:
        """`kept` gives the states of the app and its windows."""
        self._project = AppModules(root)
        self._handler = handler
        self._runtime = runtime
        self._callbacks = callbacks
        self._states = States()
        self._kept = kept
        self._order = list(self._project.sources())

    def swap(self, files: Iterable[Path]) -> list[str]:
        """Replaces the code of these files and of what imports it. Gives the modules' names.

        Raises:
            NewCodeError: The new code has an error. Nothing has changed.
            RestartError: It cannot be done while the app runs. Nothing has changed.
        """
        files = list(files)
        sources = self._project.sources()
        self._order += [name for name in sources if name not in self._order]
        changed = self._project.named(files, sources)
        try:
            graph = self._project.graph(sources)
        except (SyntaxError, UnicodeDecodeError, OSError) as error:
            raise NewCodeError(problem_of(error)) from error
        names = graph.stale(changed, self._owners())
        # What the app has not imported itself, its workers may have.
        known = {source.file for source in sources.values()}
        unknown = any(it.resolve() not in known for it in files)
        pools = self._outdated_pools(names, graph, unknown)
        ordered = [it for it in self._order if it in names]
        if ordered:
            self._replace(ordered, sources)
        swaps = _swapping.swaps
        if any(pools.values()) and swaps is not None and swaps.note():
            pools = dict.fromkeys(pools, False)
        for name, zygote in pools.items():
            self._runtime.host.renew_pool(name, zygote)
        return ordered

    def _owners(self) -> dict[str, bool]:
        """The modules that have made a registry, and whether they register something themselves."""
        commands = self._handler.commands
        if commands.owner is None:
            return {}
        return {commands.owner: commands.owner in commands.origins.values()}

    def _replace(self, names: list[str], sources: Mapping[str, ModuleSource]) -> None:
        check_threads(names)
        renewal = Renewal(names, sources)
        stage = _swapping.Stage(frozenset(names))
        token = _swapping.stage.set(stage)
        try:
            renewal.load()
            new, gone, substitutes = self._validated(renewal, stage)
            declared = self._declared(renewal, stage)
            self._callbacks.check(renewal.old, renewal.new)
            for module, hook in stage.hooks:
                hook(MappingProxyType(vars(renewal.old[module])))
            self._states.move(self._kept(), renewal.new)
        except RestartError:
            renewal.undo()
            raise
        except BaseException as error:
            renewal.undo()
            raise NewCodeError(problem_of(error)) from error
        finally:
            _swapping.stage.reset(token)
        commands = self._handler.commands
        staying = [sys.modules[it] for it in (MAIN, commands.owner) if it in sys.modules]
        renewal.rebind([*renewal.new.values(), *staying], substitutes)
        self._callbacks.swapped(renewal.new)
        commands.replace({name: it[:2] for name, it in new.items()}, gone)
        commands.origins.update({name: it[2] for name, it in new.items()})
        for mine, staged in declared:
            mine.swap(staged, stage.modules)
        self._handler.portal.start_task_soon(_stop, frozenset(names))

    def _validated(
        self, renewal: Renewal, stage: _swapping.Stage
    ) -> tuple[dict[str, Any], list[str], dict[int, Any]]:
        """The commands of the new code, those that it has no more, and the registry itself in the
        place of that which its module has made anew.
        """
        commands = self._handler.commands
        staged, substitutes = dict(stage.of(commands)), dict[int, Any]()
        if (fresh := self._fresh(renewal)) is not None:
            staged |= stage.of(fresh)
            substitutes[id(fresh)] = commands
        for name, (options, entry, _) in staged.items():
            if name in commands and commands.origins.get(name) not in stage.modules:
                raise ValueError(f"Command `{name}` already exists, in another module.")
            self._handler.check(name, entry, options or options_for(entry[1]))
        gone = [
            name
            for name, origin in commands.origins.items()
            if origin in stage.modules and name not in staged
        ]
        return staged, gone, substitutes

    def _declared(
        self, renewal: Renewal, stage: _swapping.Stage
    ) -> list[tuple["Declared[Any]", dict[str, tuple[Any, Any, str | None]]]]:
        """What the new code has declared, with where it belongs."""
        commands, fresh = self._handler.commands, self._fresh(renewal)
        anew = commands if fresh is None else fresh
        pairs = zip(commands.declared(), anew.declared(), strict=True)
        return [(mine, stage.of(mine) | stage.of(new)) for mine, new in pairs]

    def _fresh(self, renewal: Renewal) -> "Registry | None":
        """The registry that the new code has made in the place of the app's own."""
        commands = self._handler.commands
        if (owner := commands.owner) is None or owner not in renewal.old:
            return None
        old = vars(renewal.old[owner])
        name = next((it for it, value in old.items() if value is commands), None)
        new = renewal.new.get(owner)
        fresh = None if new is None or name is None else vars(new).get(name)
        if not isinstance(fresh, type(commands)):
            raise RestartError(f"the commands of the app are not in `{owner}.{name}` any more")
        return fresh

    def _outdated_pools(self, names: set[str], graph: Graph, unknown: bool) -> dict[str, bool]:
        """The pools whose workers have old code, and whether the processes that fork them do.

        `unknown`: there are files that only workers may have imported.

        Raises:
            RestartError: It is a pool whose processes cannot be replaced.
        """
        commands, found = self._handler.commands, dict[str, bool]()
        for name, pool in self._handler.pools.items():
            homes = {
                function_of(entry[1]).__module__
                for it, entry in commands.items()
                if commands.options(it).executor == name
            }
            preload = set(getattr(pool, "preload", ()))
            initializer = getattr(pool, "initializer", None)
            homes |= preload | ({initializer.__module__} if initializer else set())
            if not homes or not (unknown or graph.reaches(homes) & names):
                continue
            if not isinstance(pool, ProcessPool):
                raise RestartError(f"the commands of `{name}` run on a cluster")
            foreign = unknown or not preload <= set(self._order)
            found[name] = bool(preload) and (foreign or bool(graph.reaches(preload) & names))
        return found


async def _stop(modules: frozenset[str]) -> None:
    stop(modules)


def problem_of(error: BaseException) -> Problem:
    """Describes an error of the new code, from the app's own code on."""
    text = "".join(traceback.format_exception(error))
    title = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    if isinstance(error, SyntaxError) and error.filename:
        text = "".join(traceback.format_exception_only(error))
        return Problem(title, error.filename, error.lineno, text)
    frames = [
        it
        for it in traceback.extract_tb(error.__traceback__)
        if "importlib" not in it.filename and not it.filename.startswith(OWN)
    ]
    if not frames:
        return Problem(title, None, None, text)
    kept = traceback.StackSummary.from_list(frames)
    text = "".join(["Traceback (most recent call last):\n", *kept.format(), title])
    return Problem(title, frames[-1].filename, frames[-1].lineno, text)
