"""`audio serve`: run the gateway."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import Any

HELP = "Run the gateway: the services over HTTP"
_FLAGS = ("host", "port", "data_dir", "workers", "certfile", "keyfile")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
Every setting can also stand in the environment (AUDIO_PORT=9000) and in a TOML file (--config, $AUDIO_CONFIG or
./audio.toml); the command line wins, then the environment, then the file. --show-config lists them all.

examples:
  audio serve                                    on this machine alone, http://127.0.0.1:8080
  audio serve --host 0.0.0.0 --certfile cert.pem --keyfile key.pem
  AUDIO_RESULT_SECONDS=60 audio serve --show-config
"""
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for a free one (default 8080)")
    parser.add_argument("--data-dir", metavar="DIR", help="where all that lasts is kept (default ~/.local/share/audio)")
    parser.add_argument("--workers", type=int, metavar="N", help="worker processes (default one a core)")
    parser.add_argument("--certfile", metavar="F", help="TLS certificate in PEM")
    parser.add_argument("--keyfile", metavar="F", help="TLS key in PEM")
    parser.add_argument("--config", metavar="FILE", help="settings in TOML")
    parser.add_argument("--show-config", action="store_true", help="print all settings and where each came from; end")


def run(args: argparse.Namespace) -> int:
    # Before numpy is loaded: requests are answered side by side, and threads of its own for products as small as ours
    # make each of them several times slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from audio.engine import config

    loaded = config.load({name: getattr(args, name) for name in _FLAGS}, config=args.config)
    if args.show_config:
        print(loaded.show())
        return 0
    settings = loaded.settings
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from audio.application import create_app
    from audio.engine import prepare
    from audio.gateway import server

    os.umask(0o077)  # sound and the hashes of tokens are nobody else's business
    prepare.prepare(settings)
    prepare.warn(settings)
    listener = server.listen(settings.host, settings.port)
    credentials = prepare.first_stream(settings)
    code = prepare.setup_code(settings)

    def when_ready(url: str) -> None:
        _announce(url, settings.data_dir, credentials, code)

    server.Server(settings, create_app, listener, when_ready).run()
    return 0


def _announce(url: str, data_dir: str, credentials: Any, code: str | None) -> None:
    print(f"Listening on {url} (documentation: {url}/docs, data: {data_dir})")
    if code is not None:
        print(f"\nNobody has an account yet. In a browser: {url}/register\n  set-up code   {code}")
    if credentials is not None:
        user = f"{credentials.client_id}:{credentials.access_token}"
        print(
            f"""
There was no stream yet, so one was made. Its token is shown this once:
  client_id     {credentials.client_id}
  access_token  {credentials.access_token}

Try it:
  curl -u {user} -H 'Content-Type: application/json' -d '{{"echo": "Hello world!", "async": false}}' \
{url}/services/dummy/1/jobs

Let the client use it:
  audio configure --gateway {url} --client-id {credentials.client_id} --access-token {credentials.access_token}
"""
        )
    sys.stdout.flush()
