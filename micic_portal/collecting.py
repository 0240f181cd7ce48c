"""How seldom the garbage collector runs in a process that serves for long."""

import gc


def collect_seldom() -> None:
    """Call when everything is loaded, before any fork.

    Loaded code lives as long as the process: the collector need not walk it again and again. A
    page, and a slice of letters, makes thousands of objects and hardly a cycle, so it looks for
    cycles every few of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
