"""`audio listen`: sound from a microphone, a file or a pipe to a service, and its answers as they come."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from audio.commands import _channels, _connection, _parameter
from audio.commands._answers import AnswerFormatter, as_json, clock
from audio.commands._screen import Screen, meter
from audio.errors import AudioError

if TYPE_CHECKING:
    from audio.client.chunks import Chunk
    from audio.client.listener import Listener
    from audio.client.recorder import Recorder
    from audio.client.source import Notice, Source
    from audio.client.wanted import WantedFile

HELP = "Listen to a microphone (or a file, or a pipe) and print what a service hears"
OK, FAILED, USAGE, NO_MICROPHONE, AWAY, NO_CREDENTIALS, REFUSED = 0, 1, 2, 3, 4, 5, 6


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
On a terminal, a line comes when something changes, with the time at which it was heard; elsewhere, one JSON object a
line comes for each answer. All else (level meter, notes on the microphone, the queue and the gateway, what was lost)
goes to stderr. Ctrl-C stops the microphone, sends what was captured, and ends.

exit code: 0 all done; 1 another error; 2 wrong usage; 3 no such microphone, or it cannot be opened; 4 the gateway was
away, and sound is left that it did not get; 5 no credentials, or wrong ones; 6 the gateway refuses the request

examples:
  audio listen voice_detection
  audio listen sound_detection --device USB --sensitivity 0.7 --save heard.wav
  audio listen sound_localization --baseline 0.14
  audio listen sound_localization --device ReSpeaker --channel 1,3 --baseline 0.064
  audio listen voice_detection speech.wav --fast
  arecord -t raw -f S16_LE -r 16000 -c 1 | audio listen voice_detection - --rate 16000 --jsonl"""
    parser.add_argument(
        "service",
        metavar="SERVICE",
        help="voice_detection, sound_detection, sound_localization, or any that takes sound",
    )
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="a WAV file, heard at its own pace; - for raw PCM (16 bit) on stdin"
    )
    sound = parser.add_argument_group("sound")
    sound.add_argument("--device", metavar="D", help="index, name or part of a name, as in 'audio devices'")
    sound.add_argument(
        "--rate",
        type=_whole(8000, 192_000),
        metavar="HZ",
        help="what is asked of the microphone, and sent (default: the microphone's own; sent are 16000, or 48000 "
        "for sound_localization); with -, of what comes",
    )
    sound.add_argument(
        "--channels",
        type=_whole(1, 64),
        metavar="N",
        help="channels of the microphone, or of what comes with -; without --channel the service gets the first ones",
    )
    _channels.add_option(sound)
    sound.add_argument(
        "--chunk", type=_whole(1, 1_000_000), default=8192, metavar="N", help="frames a request (default: 8192)"
    )
    sound.add_argument("--duration", type=seconds, metavar="S", help="end after so many seconds of sound")
    sound.add_argument("--fast", action="store_true", help="take a file as fast as the gateway does")
    sound.add_argument("--save", metavar="FILE.wav", help="keep what is sent, with silence where something was lost")
    service = parser.add_argument_group("service")
    service.add_argument("--baseline", type=float, metavar="M", help="distance of the two microphones in metres")
    service.add_argument("--sensitivity", type=float, metavar="S", help="0 to 1; higher hears quieter things")
    _parameter.add_option(service)
    service.add_argument("--version", type=int, metavar="V", help="of the service; the highest where not given")
    output = parser.add_argument_group("output")
    output.add_argument("--jsonl", action="store_true", help="JSON lines also on a terminal")
    output.add_argument("--meter", action="store_true", help="the level meter also where there is no terminal")
    output.add_argument("-q", "--quiet", action="store_true", help="nothing on stderr but errors")
    output.add_argument("-v", "--verbose", action="store_true", help="every answer, and what the sound system says")
    network = parser.add_argument_group("network")
    network.add_argument(
        "--queue-seconds", type=seconds, default=10.0, metavar="S", help="how much sound may wait (default: 10)"
    )
    network.add_argument(
        "--timeout", type=seconds, default=5.0, metavar="S", help="how long one request may take (default: 5)"
    )
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    from audio.client.native_stderr import muted

    try:
        with ExitStack() as stack:
            if not args.verbose:
                stack.enter_context(muted())
            return _listen(args, stack)
    except AudioError as exc:
        return _complain(exc.message, _code(exc))


def _listen(args: argparse.Namespace, stack: ExitStack) -> int:
    from audio.client.listener import Listener
    from audio.client.recorder import Recorder
    from audio.client.wanted import WAV, ask

    terminal = sys.stdout.isatty()
    screen = Screen(status=args.meter or (terminal and sys.stderr.isatty() and not args.quiet))
    formatter = AnswerFormatter(args.service, verbose=args.verbose)

    def on_notice(notice: Notice) -> None:
        if not args.quiet:
            screen.note(f"{clock(notice.time)}  {notice.about}: {notice.text}")

    def on_result(result: dict[str, Any], chunk: Chunk) -> None:
        lines = list(formatter.lines(result, chunk))
        for line in [as_json(result, chunk)] if args.jsonl or not terminal else lines:
            screen.data(line)

    recorder = stack.enter_context(Recorder(args.save)) if args.save else None
    gateway = stack.enter_context(_connection.connect(args))
    gateway.conf.retries, gateway.conf.timeout = 0, args.timeout
    parameters = _parameter.given(args)
    wanted = ask(gateway, args.service, args.version, parameters)
    if wanted.media_type != WAV:
        return _complain(f"{args.service} takes {wanted.media_type}, not sound: 'audio watch' sends pictures.", USAGE)
    missing = [name for name in wanted.required if name not in parameters]
    if missing:
        option = "--baseline" if missing[0] == "baseline" else f"--param {missing[0]}=VALUE"
        return _complain(f"{args.service} needs {option}: {wanted.required[missing[0]]}", USAGE)
    listener = Listener(
        gateway,
        args.service,
        _source(args, wanted, on_notice),
        version=args.version,
        wanted=wanted,
        parameters=parameters,
        rate=args.rate,
        chunk=args.chunk,
        timeout=args.timeout,
        on_chunk=None if recorder is None else recorder.write,
        on_result=on_result,
        on_notice=on_notice,
    )
    listener.open()
    if not args.quiet:
        screen.note(_beginning(listener, args))
    listener.start()
    try:
        _wait(listener, screen, formatter, args.timeout)
    finally:
        screen.clear()
    if not args.quiet:
        screen.note(_ending(listener, recorder))
    return AWAY if listener.undelivered else OK


def _wait(listener: Listener, screen: Screen, formatter: AnswerFormatter, drain: float) -> None:
    """Until the source ends, or a signal comes; then until what was captured is sent."""
    with _signals() as signals:
        while not signals and not listener.wait(screen.period if screen.status_wanted else 0.25):
            if screen.status_wanted:
                screen.status(_status(listener, formatter))
        if signals:
            screen.note("Stopping: what was captured is still sent. Ctrl-C once more leaves it.")
        listener.close(drain=drain)


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The signals to end that have come. The first one is only noted; a second one is as hard as ever."""
    came: list[int] = []

    def handle(number: int, frame: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _source(args: argparse.Namespace, wanted: WantedFile, on_notice: Any) -> Source:
    from audio.client.files import FileSource, RawSource
    from audio.client.microphone import Microphone

    channels, rate = wanted.channels, wanted.rate
    common = {
        "queue_seconds": args.queue_seconds,
        "duration": args.duration,
        "on_notice": on_notice,
        "channel": args.channel,
    }
    if args.file == "-":
        channels = args.channels or max(channels, 1 + max(args.channel or (0,)))
        return RawSource(sys.stdin.fileno(), rate=args.rate or rate, channels=channels, **common)
    if args.file is not None:
        return FileSource(args.file, fast=args.fast, **common)
    channels = args.channels or channels
    return Microphone(args.device, rate=args.rate, channels=channels, chunk=args.chunk, **common)


def _beginning(listener: Listener, args: argparse.Namespace) -> str:
    source = listener.source
    sent = "" if listener.rate == source.rate else f", sent at {listener.rate} Hz"
    kind = {1: "mono", 2: "stereo"}.get(source.channels, f"{source.channels} channels")
    if source.pick is not None:
        kind = f"channel {' and '.join(map(str, source.pick))}"
    return f"Listening to {source.name} ({source.rate} Hz, {kind}{sent}) for {args.service}. Ctrl-C ends."


def _status(listener: Listener, formatter: AnswerFormatter) -> str:
    waiting = listener.source.backlog.waiting / listener.source.rate
    behind = f"  {waiting:.1f} s wait" if waiting > 1.0 else ""
    return f"{meter(listener.source.level())}  {formatter.now}{behind}"


def _ending(listener: Listener, recorder: Recorder | None) -> str:
    counts, rate = listener.source.counts, listener.source.rate
    lost = [
        f"{frames / per:.2f} s ({frames} frames) {how}"
        for frames, per, how in (
            (counts.missed, rate, "were missed by the microphone"),
            (counts.dropped, rate, "had to go for want of room"),
            (listener.undelivered, listener.rate, "are left that the gateway did not get"),
        )
        if frames
    ]
    heard = f"{counts.captured / rate:.1f} s heard, {listener.chunks} answers"
    saved = "" if recorder is None else f" Saved: {recorder.path}{', up to its largest size' if recorder.full else ''}."
    return f"{heard}; {'; '.join(lost) or 'nothing lost'}.{saved}"


def _code(exc: AudioError) -> int:
    from audio.client import ClientError, NotConfigured, Unauthorized
    from audio.client.devices import MicrophoneError

    if isinstance(exc, MicrophoneError):
        return NO_MICROPHONE
    if isinstance(exc, NotConfigured | Unauthorized):
        return NO_CREDENTIALS
    return REFUSED if isinstance(exc, ClientError) else FAILED


def _complain(message: str, code: int) -> int:
    print(f"audio: {message}", file=sys.stderr)
    return code


def _whole(least: int, most: int) -> Any:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}, not {value}")
        return value

    read.__name__ = "number"  # for argparse's sentence
    return read


def seconds(text: str) -> float:
    value = float(text)
    if not 0.0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, not {text}")
    return value
