"""Defines the commands of the tasks window: live calls of all windows, and the app's metrics."""

from collections.abc import Mapping
from typing import Annotated

import transom
from transom import ERROR_CODES, AppHandle, CallContext, PoolMetrics, State, WorkerMetrics

from ..desk import Desk
from ..models import Overview, Permits, PoolRow, Task, TaskId, WorkerId, WorkerRow
from ..registry import commands

Pools = Mapping[str, PoolMetrics]


@commands.command()
async def overview(
    app_handle: AppHandle, ctx: CallContext, desk: Annotated[Desk, State()]
) -> Overview:
    """Every live call but this one, and how busy the app is."""
    metrics = transom.metrics()
    counters = metrics.counters
    tasks = _tasks(app_handle, ctx.id, desk)
    return Overview(
        tasks=tasks,
        orphans=sum(window.orphans for window in metrics.windows.values()),
        permits=[
            Permits(command=name, granted=it.granted, limit=it.limit, waiting=it.waiting)
            for name, it in metrics.commands.items()
            if it.limit is not None and it.granted + it.waiting > 0
        ],
        pools=_pools(metrics.pools, tasks),
        refused={code: counters[code] for code in ERROR_CODES if counters.get(code)},
    )


def _tasks(app_handle: AppHandle, own: int, desk: Desk) -> list[Task]:
    tasks: list[Task] = []
    for call in app_handle.calls():
        if call.id == own:
            continue
        sheet = desk.find(call.window)
        progress = call.progress
        tasks.append(
            Task(
                id=call.id,
                command=call.command,
                window=call.window,
                document=sheet.name if sheet else None,
                state=call.state,
                seconds=call.age,
                done=progress.done if progress else None,
                total=progress.total if progress else None,
                message=progress.message if progress else None,
            )
        )
    return tasks


def _pools(pools: Pools, tasks: list[Task]) -> list[PoolRow]:
    callers = {task.id: task.document or task.window for task in tasks}
    return [
        PoolRow(
            name=name,
            size=pool.size,
            reason=pool.reason,
            quarantined=list(pool.quarantined),
            workers=[_worker(worker, callers) for worker in pool.workers],
        )
        for name, pool in pools.items()
        if pool.workers or pool.quarantined or pool.retry is not None
    ]


def _worker(worker: WorkerMetrics, callers: dict[int, str]) -> WorkerRow:
    call = next(iter(worker.calls), None)
    return WorkerRow(
        pool=worker.pool,
        id=worker.id,
        name=worker.name,
        pid=worker.pid,
        state=worker.state,
        calls=[call.id for call in worker.calls],
        command=call.command if call else None,
        caller=callers.get(call.id) if call else None,
        memory=worker.memory,
        finished=worker.finished,
    )


@commands.command()
async def cancel_call(body: TaskId, app_handle: AppHandle) -> bool:
    """Cancel a live call of any window; ``False`` where it had already ended."""
    return app_handle.cancel(body.id)


@commands.command()
async def kill_worker(body: WorkerId, app_handle: AppHandle) -> bool:
    """End a worker process and the call on it; ``False`` where it has another call by now."""
    for worker in app_handle.workers():
        if (worker.pool, worker.id) == (body.pool, body.id):
            return {call.id for call in worker.calls} <= set(body.calls) and worker.kill()
    return False
