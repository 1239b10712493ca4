from pydantic import BaseModel

from .registry import commands


class Ping(BaseModel):
    n: int


ping = commands.event("ping", Ping)


def on_ping(payload: Ping) -> None:
    print("ping one", payload.n, flush=True)
