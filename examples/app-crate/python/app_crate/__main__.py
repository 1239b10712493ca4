"""The program: `python -m app_crate`."""

import sys

from app_crate import main

if __name__ == "__main__":
    sys.exit(main())
