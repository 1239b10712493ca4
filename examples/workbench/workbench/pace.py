"""Slows the long jobs down, so that they can be watched.

The sample documents are tiny: at full speed every job would be over before its progress bar
shows. So each step waits a little, and what can be watched and cancelled is real work, slowed.
"""

import os

STEP = float(os.environ.get("WORKBENCH_PACE", "0.12"))
"""Seconds per step; ``WORKBENCH_PACE=0`` for full speed."""
