"""Text to speech beside `espeak-ng --stdout` on the same machine in the same run: latency, throughput, memory.

    python -m benchmarks.speech_load [--version 1] [--sentences 40] [--soak 2000]

The service is called as the gateway calls it, without HTTP. `--soak` asks that many times more, and says what grew.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from audio.services import text_to_speech, text_to_speech_2, text_to_speech_3
from audio.speech.natural import LONGEST_TEXT
from benchmarks.speech_measures import cost

MODULES = {1: text_to_speech, 2: text_to_speech_2, 3: text_to_speech_3}
SENTENCE = "Parcel {number} has arrived, and it waits for you behind the counter of the old post office."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", type=int, choices=MODULES, default=1)
    parser.add_argument("--sentences", type=int, default=40)
    parser.add_argument("--soak", type=int, default=0)
    args = parser.parse_args()
    module = MODULES[args.version]
    say(module, "Warm up.")
    latency(module, args.sentences)
    if module is not text_to_speech_3:  # it speaks one sentence at a time, and refuses the others
        throughput(module, args.sentences)
    if args.soak:
        soak(module, args.soak)


def latency(module: Any, count: int) -> None:
    """Interleaved, so that both meet the same load."""
    ours, theirs = [], []
    for text in fresh(1, count):
        ours.append(timed(say, module, text))
        theirs.append(timed(command_line, text))
    again = [timed(say, module, next(fresh(1, 1))) for _ in range(20)]
    size = LONGEST_TEXT - 100 if module is text_to_speech_3 else 2000  # its numbers become longer as words
    long = " ".join(fresh(2, 60))[:size]
    p50, yardstick = statistics.median(ours), statistics.median(theirs)
    print(f"espeak-ng --stdout  p50 {1e3 * yardstick:6.1f} ms")
    for name, value in (
        ("fresh", p50),
        ("again", statistics.median(again)),
        (f"{size} characters", timed(say, module, long)),
    ):
        print(f"{name:18s}  p50 {1e3 * value:6.1f} ms   {value / yardstick:5.2f} of espeak-ng's")


def throughput(module: Any, count: int) -> None:
    took = timed(lambda: [command_line(text) for text in fresh(3, count)])
    print(f"espeak-ng --stdout  {count / took:6.1f} sentences a second, one after the other")
    for callers in (1, 4, 16):
        ours = timed(ask_at_once, module, callers, fresh(3 + callers, 4 * count))
        print(f"{callers:2d} callers          {4 * count / ours:6.1f} a second   {4 * took / ours:5.2f} of espeak-ng's")


def ask_at_once(module: Any, callers: int, texts: Iterable[str]) -> None:
    with ThreadPoolExecutor(callers) as threads:
        list(threads.map(partial(say, module), texts))


def soak(module: Any, count: int) -> None:
    ask_at_once(module, 8, fresh(50, 400))
    seen = [memory(module)]
    for part in range(4):
        ask_at_once(module, 8, fresh(100 + part, count // 4))
        seen.append(memory(module))
    for name in seen[0]:
        print(f"{name:10s}  MB, each {count // 4} sentences: " + "  ".join(f"{m[name]:.1f}" for m in seen))


def memory(module: Any) -> dict[str, float]:
    """Proportional set sizes in MB. The server's holds the cache, which is bounded."""
    supervisor = module.SPEAKER.pool.pid
    pids = {"server": [os.getpid()], "supervisor": [supervisor], "children": cost.children(supervisor)}
    return {name: sum(map(cost.pss, ps)) for name, ps in pids.items()}


def fresh(series: int, count: int) -> Iterator[str]:
    return (SENTENCE.format(number=10000 * series + i) for i in range(count))


def say(module: Any, text: str) -> None:
    module.SERVICE.compute(module.SERVICE.read({"text": text, "lang": "en-US"}), None)


def command_line(text: str) -> None:
    command = ["espeak-ng", "-v", "en-us", "--stdout", "--stdin"]
    subprocess.run(command, input=text.encode(), capture_output=True, check=True)


def timed(call: Any, *args: Any) -> float:
    begin = time.perf_counter()
    call(*args)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
