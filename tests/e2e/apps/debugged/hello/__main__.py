import sys
from pathlib import Path

from transom import ProcessPool, run

from .work import commands

if __name__ == "__main__":
    pool = ProcessPool(workers=1, warm=0, grace=2.0, preload=["hello.helper"])
    sys.exit(run(commands, Path(__file__).parent, executors={"process": pool}))
