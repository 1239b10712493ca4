from . import pytauri
from .pytauri import thing
