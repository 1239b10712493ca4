"""Defines `PageFunctions`, the functions of a page with types; implements `Commands.page`."""

import inspect
import json
from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from .._commands.signatures import is_coroutine_function, signature_of
from .._values.binary import check_is_json
from .._values.codec import InvalidBodyError, json_decoder
from .._values.results import ResultError, json_encoder
from ..errors import PageError

if TYPE_CHECKING:
    from .._native import Webview, WebviewWindow

PageT = TypeVar("PageT")
EMPTY = inspect.Parameter.empty


class PageFunction(NamedTuple):
    """One function, as it is declared."""

    name: str
    declared: Callable[..., Any]
    argument: Any
    """The annotation. `EMPTY`: it takes none."""
    result: Any
    """The annotation. `None`: what the page gives is not looked at."""


class PageFunctions(Generic[PageT]):
    """The functions that a page exposes, by a class that describes them.

    ```python
    class Editor(Protocol):
        async def ask_user(self, question: Question, /) -> bool: ...

    editor = commands.page(Editor)
    answer = await editor(webview_window).ask_user(Question(text="Save?"))
    ```
    """

    def __init__(self, described: Callable[..., PageT], /) -> None:
        """`commands.page(described)` makes one.

        Raises:
            TypeError: It is no class.
            ValueError: A method is no function that a page can expose; it says why.
        """
        if not inspect.isclass(described):
            raise TypeError(f"a class describes the functions of a page, got {described!r}")
        self._described: type = described
        self._functions = tuple(_functions_of(described))
        methods = {it.name: _Page.method(it) for it in self._functions}
        self._page = type(described.__name__, (_Page,), {"__slots__": (), **methods})

    @property
    def described(self) -> type[PageT]:
        """The class that describes them."""
        return self._described

    @property
    def functions(self) -> tuple[PageFunction, ...]:
        """What is known of each."""
        return self._functions

    def __repr__(self) -> str:
        """Gives the class."""
        return f"PageFunctions({self._described!r})"

    def __call__(self, window: "WebviewWindow | Webview", /, *, timeout: float = 5.0) -> PageT:
        """The functions of the page in a window.

        An `async def` is awaited, as `window.call(name, arg)`; a plain `def` waits on a thread that
        may wait, as `window.blocking_call(name, arg)`. They raise what these raise, and:

        - `ValueError`: the argument does not fit its annotation.
        - `PageError`, named `InvalidResult`: what the page gave does not fit the annotation.

        Args:
            window: The window. Its page has exposed the functions under their names in Python.
            timeout: Seconds within which each call is answered.
        """
        page: Any = self._page(window, timeout)
        return page


class _Page:
    """The functions of the page in one window. A subclass for each declaration has its methods."""

    __slots__ = ("_timeout", "_window")

    def __init__(self, window: Any, timeout: float) -> None:
        self._window = window
        self._timeout = timeout

    @staticmethod
    def method(function: PageFunction) -> Callable[..., Any]:
        """The method that calls a function."""
        name, declared = function.name, function.declared
        given, taken = _writer(function), _reader(function)
        if is_coroutine_function(declared):

            @wraps(declared)
            async def call(self: _Page, *args: Any, **kwargs: Any) -> Any:
                arg = given(self, *args, **kwargs)
                return taken(await self._window.call(name, arg, timeout=self._timeout))

            return call

        @wraps(declared)
        def blocking_call(self: _Page, *args: Any, **kwargs: Any) -> Any:
            arg = given(self, *args, **kwargs)
            return taken(self._window.blocking_call(name, arg, timeout=self._timeout))

        return blocking_call


def _writer(function: PageFunction) -> Callable[..., Any]:
    """Makes the argument for the page out of those of a call."""
    bind = inspect.signature(function.declared).bind
    encode = None if function.argument is EMPTY else json_encoder(function.argument)

    def given(*args: Any, **kwargs: Any) -> Any:
        bound = bind(*args, **kwargs)
        if encode is None:
            return None
        bound.apply_defaults()
        try:
            return json.loads(encode(bound.args[1]))
        except ResultError as error:
            raise ValueError(f"`{function.name}` cannot be given this: {error}") from error

    return given


def _reader(function: PageFunction) -> Callable[[Any], Any]:
    """Makes the result out of what the page gives."""
    decode = None if function.result is None else json_decoder(function.result)

    def taken(value: Any) -> Any:
        if decode is None:
            return None
        try:
            return decode(json.dumps(value).encode())
        except InvalidBodyError as error:
            said = f"`{function.name}` gave what is none: {error}"
            raise PageError("InvalidResult", said) from error

    return taken


def _functions_of(described: type) -> Iterator[PageFunction]:
    """The public methods of a class and of its bases, in their order."""
    members = dict[str, Any]()
    for cls in reversed(described.__mro__):
        if cls not in (object, Protocol, Generic):
            members |= vars(cls)
            members |= {it: None for it in inspect.get_annotations(cls) if it not in vars(cls)}
    for name, member in members.items():
        if not name.startswith("_"):
            yield _read(f"{described.__name__}.{name}", name, member)


def _read(where: str, name: str, member: Any) -> PageFunction:
    if not inspect.isfunction(member):
        raise ValueError(f"`{where}` is no method: a page has functions only")
    signature = signature_of(member)
    arguments = list(signature.parameters.values())[1:]
    plain = all(it.kind in (it.POSITIONAL_ONLY, it.POSITIONAL_OR_KEYWORD) for it in arguments)
    if len(arguments) > 1 or not plain or not signature.parameters:
        raise ValueError(
            f"`{where}` takes `self` and at most one argument: put several into a model"
        )
    annotations = {
        "return": signature.return_annotation,
        **{it.name: it.annotation for it in arguments},
    }
    for what, annotation in annotations.items():
        if annotation is EMPTY:
            raise ValueError(f"`{where}` needs an annotation for `{what}`")
        check_is_json(annotation, f"`{what}` of `{where}`")
    argument = arguments[0].annotation if arguments else EMPTY
    result = signature.return_annotation
    return PageFunction(name, member, argument, None if result is type(None) else result)
