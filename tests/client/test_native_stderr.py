from __future__ import annotations

from tests.program import Program

SCRIPT = """
import os, sys, threading
from audio.client.native_stderr import muted
os.write(2, b"before\\n")
with muted():
    os.write(2, b"noise\\n")
    print("python", file=sys.stderr)
    with muted():
        os.write(2, b"more noise\\n")
    os.write(2, b"noise still\\n")
    thread = threading.Thread(target=print, args=("a thread",), kwargs={"file": sys.stderr})
    thread.start()
    thread.join()
os.write(2, b"after\\n")
print("python again", file=sys.stderr)
try:
    with muted():
        raise ValueError
except ValueError:
    os.write(2, b"after an error\\n")
os.system("echo a child >&2")
print(len(os.listdir("/proc/self/fd")))
for _ in range(50):
    with muted():
        pass
print(len(os.listdir("/proc/self/fd")))
"""


def test_what_python_says_is_heard_and_all_else_is_not() -> None:
    program = Program(["-c", SCRIPT], {})
    assert program.end() == 0
    assert program.err == ["before", "python", "a thread", "after", "python again", "after an error", "a child"]
    before, after = program.out
    assert before == after
