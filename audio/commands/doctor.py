"""`audio doctor`: is all there that listening and speaking need, and if not, what to do?"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audio.commands import _channels, _connection
from audio.commands import _stores as _stores_of
from audio.engine import config
from audio.errors import AudioError, SpeechFailed

HELP = "Check the sound devices, the programs, the configuration and the gateway, and say what to do"
SAME = 0.9995  # correlation beyond which two channels are one microphone; chosen: those of a pair hiss on their own
FAR = 10.0  # dB between two microphones of a pair; chosen: those of one board differ by 1 to 3
PATIENCE = 20.0  # seconds for a program that may hang in a sound system


@dataclass(frozen=True)
class Finding:
    """ok: None where it is only good to know. remedy: what to do about it."""

    name: str
    ok: bool | None
    text: str
    remedy: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
Each line begins with ok, with -- where something is missing that only some need, or with FAIL.
With --device or --channel the microphone is heard for a second, and the level of each channel told: on a board with
many, those that are microphones rustle, and two of them never give the very same.
Exit code: 0; 1 where something failed."""
    parser.add_argument("--device", metavar="D", help="index, name or part of a name of the microphone to be heard")
    _channels.add_option(parser)
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    settings = _settings()
    checks: list[Callable[[], Finding]] = [
        _microphone,
        *([lambda: _heard(args)] if args.device or args.channel else []),
        _loudspeaker,
        _espeak,
        _configuration,
        *([lambda: _stores(settings)] if settings and _stores_of.named(settings) else []),
        lambda: _gateway(args),
    ]
    failed = False
    for check in checks:
        finding = check()
        mark = {True: "ok  ", False: "FAIL", None: "--  "}[finding.ok]
        print(f"{mark}  {finding.name:13}  {finding.text}", flush=True)
        if finding.remedy:
            print(f"{'':21}to do: {finding.remedy}", flush=True)
        failed = failed or finding.ok is False
    return int(failed)


def _apart(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A module in a process of its own: with a broken configuration of ALSA, PortAudio aborts. It may hang."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def _microphone() -> Finding:
    name = "microphone"
    try:
        asked = _apart("audio.cli", "devices", "--json")
    except subprocess.TimeoutExpired:
        return Finding(name, False, "PortAudio hangs while it looks at the devices.", "unplug them one by one")
    if asked.returncode < 0:
        return Finding(
            name,
            False,
            f"PortAudio crashes while it looks at the devices (signal {-asked.returncode}).",
            "look at ~/.asoundrc, /etc/asound.conf and $ALSA_CONFIG_PATH: there must be a pcm.default",
        )
    if asked.returncode:
        said, _, remedy = asked.stderr.strip().removeprefix("audio: ").partition(" To install it: ")
        return Finding(name, False, said, remedy)
    return _judge_devices(name, json.loads(asked.stdout))


def _judge_devices(name: str, devices: list[dict[str, object]]) -> Finding:
    if not devices:
        return Finding(
            name,
            False,
            "No input device.",
            "plug one in and look at 'arecord -l'; if it shows one: sudo usermod -aG audio $USER, then log in again",
        )
    default = [d for d in devices if d["default"]]
    if not default:
        return Finding(name, None, f"{len(devices)} input devices, none of them the default.", "choose: audio devices")
    text = "{name}, {rate} Hz, {channels} channel(s)".format(**default[0])
    return Finding(name, True, f"{text} ({len(devices)} input devices)")


def _heard(args: argparse.Namespace) -> Finding:
    """What comes from a device, and whether two channels of it are a pair of microphones."""
    name, wanted = "channels", list(args.channel or ())
    asked = json.dumps({"device": args.device, "channel": wanted})
    try:
        done = _apart("audio.commands._probe", asked)
    except subprocess.TimeoutExpired:
        return Finding(name, False, "PortAudio hangs while it opens the device.", "unplug it, and plug it in again")
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"PortAudio crashes (signal {-done.returncode})."]
        return Finding(name, False, said[-1], "look at: audio devices")
    return _judge_channels(name, json.loads(done.stdout), wanted)


def _judge_channels(name: str, heard: dict[str, Any], wanted: list[int]) -> Finding:
    levels = heard["levels"]
    told = ", ".join(f"{i}: {'silent' if level is None else f'{level:g} dBFS'}" for i, level in enumerate(levels))
    text = f"{heard['name']}, {heard['rate']} Hz; {told}"
    other = "another one, or check its cable: docs/microphone.md has a table of boards"
    for channel in wanted:
        if levels[channel] is None:
            return Finding(name, False, f"{text}. Channel {channel} is silent.", f"choose {other}")
    if heard["correlation"] is not None and abs(heard["correlation"]) > SAME:
        text += (
            f". Channels {wanted[0]} and {wanted[1]} are the same microphone (correlation {heard['correlation']:.4f})."
        )
        return Finding(name, False, text, f"choose {other}")
    if len(wanted) == 2 and abs(levels[wanted[0]] - levels[wanted[1]]) > FAR:
        return Finding(name, None, f"{text}. The two differ by more than {FAR:g} dB.", "check gain and cables")
    return Finding(name, True, text)


def _loudspeaker() -> Finding:
    """A tenth of a second of silence is played: only opening a device shows that it can be opened."""
    import numpy as np

    from audio.client.player import INSTALL, Player, PlayerError
    from audio.pcm import Pcm

    if shutil.which("aplay") is None:
        return Finding("loudspeaker", False, "There is no aplay.", INSTALL)
    try:
        with Player() as player:
            player.play(Pcm(np.zeros((1600, 1), np.int16), 16_000))
    except PlayerError as exc:
        return Finding("loudspeaker", False, exc.message)
    return Finding("loudspeaker", True, "aplay plays on the default device")


def _espeak() -> Finding:
    """The library, of the system or of a wheel, is what speaks; the program of that name is not needed."""
    from audio.speech.engine import find

    try:
        version = find("espeak").version()
    except SpeechFailed:
        text = "There is no espeak-ng; only a gateway on this machine needs it, for speech."
        return Finding("espeak-ng", None, text, "sudo apt-get install -y espeak-ng libespeak-ng1")
    return Finding("espeak-ng", True, f"{version}, for the speech of a gateway on this machine")


def _configuration() -> Finding:
    from audio.client import config

    try:
        found = config.settings()
    except AudioError as exc:
        return Finding("configuration", False, exc.message, "audio configure")
    if "default_root" not in found:
        return Finding("configuration", None, "No gateway is configured.", "audio configure")
    root = found["default_root"]
    return Finding("configuration", True, f"{root.value} (from {root.source})")


def _settings() -> config.Settings | None:
    """Those of the gateway of this machine; None where they are wrong."""
    try:
        return config.load({}).settings
    except AudioError:  # the gateway says so when it is started
        return None


def _stores(settings: config.Settings) -> Finding:
    """What it shares with the gateways of other machines."""
    name, named = "stores", _stores_of.named(settings)
    wrong = list(_stores_of.failures(settings))
    if wrong:
        return Finding(
            name, False, f"{named}. {'; '.join(wrong)}", "look at AUDIO_DATABASE, AUDIO_SESSIONS, AUDIO_BLOBS"
        )
    return Finding(name, True, f"{named}: they answer")


def _gateway(args: argparse.Namespace) -> Finding:
    from audio.client import NotConfigured, Unauthorized, Unreachable

    try:
        with _connection.connect(args) as root:
            root.conf.timeout, root.conf.retries = PATIENCE, 0
            services = sorted(root.services.list().get("services", {}))
            root.services.get_service("dummy").process({"echo": "OK"})
    except NotConfigured as exc:
        return Finding("gateway", False, exc.message, "audio configure")
    except Unreachable as exc:
        return Finding("gateway", False, exc.message, "audio serve, or audio configure with the right address")
    except Unauthorized as exc:
        return Finding("gateway", False, exc.message, "audio streams create NAME on the gateway, then audio configure")
    except AudioError as exc:
        return Finding("gateway", False, exc.message)
    return Finding("gateway", True, f"{root.endpoint} takes the credentials and offers {', '.join(services)}")
