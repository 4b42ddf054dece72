"""What a long-lived process spares itself: garbage that is none, and buffers that nobody needs any more."""

import ctypes
import gc
from typing import Final

OBJECTS_BETWEEN_COLLECTIONS: Final = 10_000
OWN_MAPPING_BYTES: Final = 128 * 1024

_M_MMAP_THRESHOLD: Final = -3  # malloc.h


def freeze_gc() -> None:
    """Modules, models and patterns live as long as the process: the garbage collector need not walk them for ever.

    A batch makes more objects than its default threshold expects of a whole program, so that it walked them at each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def lower_mmap_threshold() -> None:
    """A buffer of a fetch or a batch goes back to the system when it is freed.

    glibc raises the size from which it maps memory apart with each large buffer that is freed, and then keeps all
    further ones in its heap. Other C libraries have no such call, and then nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_M_MMAP_THRESHOLD, OWN_MAPPING_BYTES)
