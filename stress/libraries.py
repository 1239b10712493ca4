"""Defines work for heavy libraries in workers, with answers that are always the same.

Each function imports its library when it is called.

The answers have no meaning. What counts is that they go through much of the library's own code.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transom import CallContext

Work = Callable[[CallContext], Any]


def numpy(_: CallContext) -> Any:
    import numpy as np

    table = np.random.default_rng(7).integers(0, 100, (120, 120))
    for _turn in range(30):
        table = np.sort(table @ table % 1009, axis=0)
    return [int(table.sum()), np.array2string(table[:2, :5])]


def pandas(_: CallContext) -> Any:
    import pandas as pd

    frame = pd.DataFrame({"key": [i % 7 for i in range(4000)], "value": range(4000)})
    total = 0
    for turn in range(6):
        grouped = frame.groupby("key")["value"].agg(["sum", "mean"])
        merged = frame.merge(grouped, left_on="key", right_index=True)
        total += int(merged["sum"].sum()) + turn
    return [total, frame.describe().to_csv()]


def polars(_: CallContext) -> Any:
    import polars as pl

    frame = pl.DataFrame({"key": [i % 7 for i in range(4000)], "value": list(range(4000))})
    found: list[Any] = []
    for _turn in range(10):
        query = frame.lazy().group_by("key").agg(pl.col("value").sum()).sort("key")
        found = query.collect().to_dicts()
    return [found, str(pl.Series("word", ["a", "b"]))]


def sklearn(_: CallContext) -> Any:
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data, classes = make_classification(200, random_state=7)
    forest = RandomForestClassifier(10, random_state=7)
    model = make_pipeline(StandardScaler(), forest).fit(data, classes)
    return [int(it) for it in model.predict(data)[:20]]


def matplotlib(_: CallContext) -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots()
    axes.plot(range(50), [i * i for i in range(50)], label="squares")
    axes.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="raw")
    plt.close(figure)
    return [len(picture.getvalue()), sum(picture.getvalue()[::997])]


def duckdb(_: CallContext) -> Any:
    import duckdb

    with duckdb.connect() as db:
        db.execute("create table t as select i % 7 as k, i as v from range(100000) r(i)")
        rows = [db.execute("select k, sum(v) from t group by k order by k") for _turn in range(5)]
        return [[int(it) for it in row] for row in rows[-1].fetchall()]


def scipy(_: CallContext) -> Any:
    import numpy as np
    from scipy import optimize, stats

    found = optimize.minimize(lambda x: float(((x - 3) ** 2).sum()), np.zeros(4))
    test = stats.ttest_ind(range(50), [i * 1.1 for i in range(50)])
    return [round(float(found.x.sum()), 3), round(float(test.pvalue), 6)]


def numba(_: CallContext) -> Any:
    from numba import njit

    @njit
    def total(most: int) -> int:
        found = 0
        for number in range(most):
            found += number % 7
        return found

    return int(total(100_000))


def sqlalchemy(ctx: CallContext) -> Any:
    from sqlalchemy import Column, Integer, MetaData, Table, create_engine, func, insert, select

    # One database for all calls of this app: what a call leaves locked is locked for the next.
    engine = create_engine(f"sqlite:///{Path(tempfile.gettempdir()) / 'soak.db'}")
    table = Table("soak", MetaData(), Column("id", Integer, primary_key=True), Column("n", Integer))
    with engine.begin() as connection:
        table.metadata.create_all(connection)
        connection.execute(table.delete())
        connection.execute(insert(table), [{"n": number} for number in range(200)])
        ctx.check()
        return int(connection.execute(select(func.sum(table.c.n))).scalar_one())


def tqdm(_: CallContext) -> Any:
    from tqdm import tqdm as bar

    found = 0
    for number in bar(range(3000), file=io.StringIO(), mininterval=0):
        found += number
    return found


SMALL: tuple[Work, ...] = (numpy, pandas, polars)
"""What `make test` tries."""
ALL: tuple[Work, ...] = (
    *SMALL,
    *(sklearn, matplotlib, duckdb, scipy, numba, sqlalchemy, tqdm),
)
MODULES = {"sklearn": "sklearn.ensemble", "matplotlib": "matplotlib.pyplot", "scipy": "scipy.stats"}
"""What is preloaded of a library, where that is not the module of its name."""


def hoard(body: str) -> int:
    """Imports a library and then holds more memory than any limit here."""
    __import__(body)
    return len([bytes([1]) * (1 << 20) for _turn in range(3000)])
