"""Names and declares the types of both directions, once where they are the same in both."""

from collections.abc import Mapping, Sequence

from .expressions import Expressions, Schema
from .generics import PARAMETER, declared, name_of, pattern_names
from .names import Names
from .wire import Direction, alike


class Declarations:
    """The types of what goes to Python and of what comes from there.

    `messages` are the numbers of the results that the messages of channels are.
    """

    def __init__(self, bodies: Direction, results: Direction, messages: Sequence[int]) -> None:
        self._schemas = bodies, results
        one, other = bodies.definitions, results.definitions
        patterns = pattern_names(one), pattern_names(other)
        self._declared = declared(one, patterns[0]), declared(other, patterns[1])
        self.names = Names()
        """Those of all types."""
        common = alike(one, other) & self._declared[0] & self._declared[1]
        self._common = {it: self.names.take(name_of(one, it)) for it in sorted(common)}
        names = self._own(one, 0, "Input"), self._own(other, 1, "Output")

        def message(channel: int) -> str:
            return self.result(messages[channel])

        self._bodies = Expressions(one, self._all(one, names[0]), message, patterns[0])
        self._results = Expressions(other, self._all(other, names[1]), message, patterns[1])
        self._own_names = names

    def _own(self, definitions: Mapping[str, Schema], side: int, end: str) -> dict[str, str]:
        """The names of the types that this direction has for itself, in their order."""
        own, others = self._declared[side] - self._common.keys(), self._declared[1 - side]
        return {
            it: self.names.take(name_of(definitions, it) + end * (it in others))
            for it in definitions
            if it in own
        }

    def _all(self, definitions: Mapping[str, Schema], own: Mapping[str, str]) -> dict[str, str]:
        """The names of all types of a direction, and of the parameters of generic ones."""
        names = self._common | dict(own)
        types = set(names.values())
        for it, schema in definitions.items():
            if PARAMETER in schema:
                name: str = schema[PARAMETER]
                while name in types:
                    name += "_"
                names[it] = name
        return names

    def body(self, number: int) -> str:
        """The type of a body."""
        return self._bodies.write(self._schemas[0].schema(number))

    def result(self, number: int) -> str:
        """The type of a result, an item or a message."""
        return self._results.write(self._schemas[1].schema(number))

    def write(self) -> list[str]:
        """The declarations."""
        bodies, results = self._own_names
        found = [self._bodies.declare(it) for it in [*self._common, *bodies]]
        return found + [self._results.declare(it) for it in results]
