"""Called by the tasks window: the live calls of all windows."""

from typing import Annotated

from transom import AppHandle, CallContext, State

from ..desk import Desk
from ..models import Task, TaskId
from ..registry import commands


@commands.command()
async def list_calls(
    app_handle: AppHandle, ctx: CallContext, desk: Annotated[Desk, State()]
) -> list[Task]:
    """Every live call but this one, oldest first."""
    tasks: list[Task] = []
    for call in app_handle.calls():
        if call.id == ctx.id:
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
