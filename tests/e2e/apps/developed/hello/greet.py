from .models import Answer
from .registry import commands


@commands.command()
async def greet() -> Answer:
    return Answer(text="one")
