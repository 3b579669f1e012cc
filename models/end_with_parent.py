"""A process that is not to outlive the one that started it."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # of Linux's <sys/prctl.h>


def end_with_parent() -> None:
    """Has Linux kill this process when its parent ends, also while it hangs or compiles.

    Elsewhere nothing happens: it ends when it next looks at the pipe to its parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
