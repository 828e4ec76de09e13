"""How often a web process looks for garbage."""

import gc

# A page makes tens of thousands of objects, nearly all gone with it by themselves: at Python's own
# 700, looking for cycles among them takes a twentieth of the time a heavy page takes.
YOUNG = 50_000


def look_for_garbage_seldom() -> None:
    """Called once a process has loaded what it serves with: that stays, and is not looked at."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
