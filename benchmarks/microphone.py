"""What listening costs: CPU and memory of `audio listen` on a microphone, and what an hour of it leaves behind.

    .venv/bin/python -m benchmarks.microphone [--seconds 30] [--speed 60]

The microphone is ALSA's file plug-in over a FIFO, 48 kHz stereo, through PortAudio; the gateway is another process.
First at real-time pace, for each service; then one hour at --speed times that pace, where memory, threads and open
files are looked at every ten minutes of sound. Sound that such a pace leaves no time for goes out of the full queue.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from audio.pcm import Samples
from tests.program import Program, audio, clean_environment
from tests.served import Served
from tests.sound_system import VirtualMicrophone

RATE = 48_000
TICK = os.sysconf("SC_CLK_TCK")
SERVICES = {"sound_detection": [], "voice_detection": [], "sound_localization": ["--baseline", "0.14"]}


def room(seconds: float) -> Samples:
    """Noise now and then in a quiet room, from one side."""
    frames = np.arange(round(seconds * RATE))
    loud = frames / RATE % 2.0 < 1.0
    noise = np.random.default_rng(1).normal(0, 1, len(frames)) * np.where(loud, 3000, 20)
    return np.stack([noise, np.roll(noise, 9)], axis=1).astype(np.int16)


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def status(pid: int, name: str) -> int:
    (line,) = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith(f"{name}:")]
    return int(line.split()[1])


def listen(served: Served, microphone: VirtualMicrophone, service: str) -> Program:
    arguments = ["--device", "testmic", "--rate", RATE, "--channels", 2, *SERVICES[service]]
    env = clean_environment(**{**served.env, **microphone.sound})
    return audio("listen", service, *arguments, env=env)


def at_its_pace(served: Served, service: str, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as directory:
        microphone = VirtualMicrophone(Path(directory), RATE, room(8.0), again=True)
        program = listen(served, microphone, service)
        microphone.until(3 * RATE)
        begin, fed = cpu(program.process.pid), microphone.fed
        microphone.until(fed + round(seconds * RATE))
        used = (cpu(program.process.pid) - begin) / ((microphone.fed - fed) / RATE)
        peak = status(program.process.pid, "VmHWM") / 1024
        program.interrupt()
        program.end()
        microphone.close()
        print(f"{service:20} {100 * used:8.2f} % of a core {peak:8.1f} MB at most   {program.err[-1]}", flush=True)


def an_hour(served: Served, speed: float) -> None:
    print(f"\nAn hour of sound_detection at {speed:g} times the pace:")
    print(f"{'minutes':>8} {'resident MB':>12} {'threads':>8} {'files':>6}")
    with tempfile.TemporaryDirectory() as directory:
        microphone = VirtualMicrophone(Path(directory), RATE, room(8.0), speed=speed, again=True)
        program = listen(served, microphone, "sound_detection")
        pid = program.process.pid
        for minute in (1, 10, 20, 30, 40, 50, 60):
            microphone.until(minute * 60 * RATE)
            files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
            print(f"{minute:8} {status(pid, 'VmRSS') / 1024:12.1f} {status(pid, 'Threads'):8} {files:6}", flush=True)
        program.interrupt()
        program.end(120)
        microphone.close()
        print(program.err[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--speed", type=float, default=60.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        served = Served(Path(directory))
        served.start()
        try:
            for service in SERVICES:
                at_its_pace(served, service, args.seconds)
            an_hour(served, args.speed)
        finally:
            served.kill()


if __name__ == "__main__":
    main()
