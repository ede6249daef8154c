"""The options by which a command finds its gateway, shared by all commands that talk to one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audio.client import Root


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "gateway",
        "Where not given: AUDIO_GATEWAY, AUDIO_CLIENT_ID and AUDIO_ACCESS_TOKEN in the environment,\n"
        "then ./config.json, then ~/.angusdk/config.json, which 'audio configure' writes.",
    )
    group.add_argument(
        "--url", "--gateway", metavar="URL", help="the address of the gateway, like http://127.0.0.1:8080"
    )
    group.add_argument("--client-id", metavar="ID", help="whose credentials to use")
    group.add_argument(
        "--access-token", metavar="TOKEN", help="the token; other users of this machine can see it, unlike a file"
    )


def connect(args: argparse.Namespace) -> Root:
    """The gateway that the options and the configuration name. Raises NotConfigured where none is named."""
    from audio.client import Configuration, NotConfigured, Root, config

    values = {key: setting.value for key, setting in config.settings().items()}
    given = {"default_root": args.url, "client_id": args.client_id, "access_token": args.access_token}
    values.update({key: value for key, value in given.items() if value})
    conf: Configuration = config.build(values)
    if conf.auth is None and conf.default_root:
        raise NotConfigured(
            f"There are no credentials for {conf.default_root}. 'audio streams create NAME', where the gateway runs, "
            "makes some; 'audio configure' keeps them here."
        )
    return Root(conf=conf)
