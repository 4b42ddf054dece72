"""What a process spares itself."""

import subprocess
import sys

MAPPED_APART = """
import ctypes
from shared.runtime.memory import lower_mmap_threshold

{call}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]

class Info(ctypes.Structure):  # malloc.h: struct mallinfo2
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd".split() + list("abcde")]

libc.mallinfo2.restype = Info
libc.free(libc.malloc(8 << 20))  # from now on glibc would keep whatever is smaller
before = libc.mallinfo2().hblks
libc.malloc(1 << 20)
print(libc.mallinfo2().hblks - before)
"""


def mapped_apart(call: str) -> int:
    """How many mappings of its own a buffer of 1 MiB gets after a larger one was freed."""
    script = [sys.executable, "-c", MAPPED_APART.format(call=call)]
    return int(subprocess.run(script, capture_output=True, text=True, check=True).stdout)


def test_large_buffers_are_mapped_apart() -> None:
    """A large buffer is mapped apart, so that it goes back when it is freed, also after a larger one was."""
    assert mapped_apart("lower_mmap_threshold()") == 1
    assert mapped_apart("") == 0
