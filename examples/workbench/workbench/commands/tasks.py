"""Called by the tasks window: the live calls of all windows, and what the app holds."""

from typing import Annotated

import transom
from transom import ERROR_CODES, AppHandle, CallContext, State

from ..desk import Desk
from ..models import Overview, Permits, Task, TaskId
from ..registry import commands


@commands.command()
async def overview(
    app_handle: AppHandle, ctx: CallContext, desk: Annotated[Desk, State()]
) -> Overview:
    """Every live call but this one, and how busy the app is."""
    metrics = transom.metrics()
    counters = metrics.counters
    return Overview(
        tasks=_tasks(app_handle, ctx.id, desk),
        orphans=sum(window.orphans for window in metrics.windows.values()),
        permits=[
            Permits(command=name, granted=it.granted, limit=it.limit, waiting=it.waiting)
            for name, it in metrics.commands.items()
            if it.limit is not None and it.granted + it.waiting > 0
        ],
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
                seconds=call.started,
                done=progress.done if progress else None,
                total=progress.total if progress else None,
                message=progress.message if progress else None,
            )
        )
    return tasks


@commands.command()
async def cancel_call(body: TaskId, app_handle: AppHandle) -> bool:
    """Cancel a live call of any window; ``False`` where it had already ended."""
    return app_handle.cancel(body.id)
