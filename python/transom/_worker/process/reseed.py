"""Seeds random number generators anew in each forked worker.

Generators that were made, and seeded by chance, in the zygote would give the same numbers in every
worker.
"""

import gc
import random
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class RandomGenerators:
    """The generators that modules made while they were imported inside this `with`.

    A generator is seeded anew where its seed was chance. One that was given a seed, to repeat its
    numbers, repeats them in each worker, as it would if the worker had imported the module.
    `random` and `numpy.random` themselves, and every `RandomState`, are always seeded anew.
    """

    def __init__(self) -> None:
        self._plain: dict[int, weakref.ref[random.Random]] = {}
        self._entropy = set[int]()
        """The seeds of numpy's generators that were made without a seed."""
        self._numpy: list[Any] = []
        self._restore: Callable[[], None] = lambda: None

    def __enter__(self) -> None:
        import secrets  # noqa: PLC0415 - numpy draws its entropy from there

        cls: Any = random.Random
        seed, setstate, randbits = cls.seed, cls.setstate, secrets.randbits
        plain, entropy = self._plain, self._entropy

        def noted_seed(self: random.Random, a: Any = None, *rest: Any, **more: Any) -> None:
            seed(self, a, *rest, **more)
            if a is None:
                plain[id(self)] = weakref.ref(self)
            else:
                plain.pop(id(self), None)

        def noted_setstate(self: random.Random, state: Any) -> None:
            setstate(self, state)
            plain.pop(id(self), None)

        def noted_randbits(k: int) -> int:
            # numpy keeps this function for the life of the process.
            bits = randbits(k)
            if watching:
                entropy.add(bits)
            return bits

        watching = [True]
        cls.seed, cls.setstate, secrets.randbits = noted_seed, noted_setstate, noted_randbits

        def restore() -> None:
            cls.seed, cls.setstate, secrets.randbits = seed, setstate, randbits
            watching.clear()

        self._restore = restore

    def __exit__(self, *_: object) -> None:
        self._restore()

    def collect(self) -> None:
        """Finds numpy's generators. The garbage collector must not have frozen them."""
        numpy = sys.modules.get("numpy.random")
        if numpy is None:
            return
        kinds = (numpy.BitGenerator, numpy.RandomState)
        # By type: `isinstance` would run code of lazy proxies.
        self._numpy = [it for it in gc.get_objects() if issubclass(type(it), kinds)]

    def seed_anew(self) -> None:
        """Seeds the generators, in a fork. CPython seeds the functions of `random` by itself."""
        for reference in self._plain.values():
            if generator := reference():
                generator.seed()
        numpy = sys.modules.get("numpy.random")
        if numpy is not None:
            for generator in self._numpy:
                # One of a strange make stays as it is: that is no reason for the worker to end.
                with suppress(Exception):
                    self._renew(generator, numpy)
            with suppress(
                Exception
            ):  # an app may have put a generator of another kind in its place
                numpy.seed()
        if torch := sys.modules.get("torch"):
            with suppress(Exception):
                torch.seed()

    def _renew(self, generator: Any, numpy: Any) -> None:
        if isinstance(generator, numpy.RandomState):
            generator.seed()
            return
        entropy = getattr(getattr(generator, "seed_seq", None), "entropy", None)
        if entropy in self._entropy:
            # As `pickle` does: with the sequence that it spawns others from.
            generator.__setstate__(type(generator)().__getstate__())
