"""Sends the events of streams to webhooks, as Standard Webhooks 1.0.0 has it: in order, one at a time a hook.

2xx is success. Anything else is tried again, ten times in all over three days; a redirect is never followed, 410 ends
the hook.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import urllib3

from audio.errors import BadInput
from audio.events import signing
from audio.events.targets import Target
from audio.stores import events, webhooks
from audio.stores.database import Database
from audio.stores.events import Event, iso
from audio.stores.webhooks import Try, Webhook

log = logging.getLogger(__name__)

# Seconds after a failure before the next try; after the last one the hook is off.
PAUSES = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
TIMEOUT = 15.0
_LONGEST_PAUSE = 86400.0
_AT_ONCE, _OF_STREAM = 16, 2  # that are sent side by side; chosen: one whose hooks all hang holds up few others
_LOOK_SECONDS = 0.5

Check = Callable[[str], Target]


class Webhooks:
    """The thread that looks for what is due, and those that send it. check: where a URL leads; raises BadInput."""

    def __init__(self, database: Database, check: Check) -> None:
        self._database = database
        self._check = check
        self._busy: dict[str, tuple[str, Future[None]]] = {}  # by the id of the hook, with its stream
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(2.0)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            try:
                self.send_due()
            except Exception:
                log.exception("webhooks had to stop; trying again")

    def send_due(self) -> list[Future[None]]:
        """Begin to send what is due; what has begun."""
        self._busy = {name: busy for name, busy in self._busy.items() if not busy[1].done()}
        with self._database.read() as connection:
            hooks = [hook for hook in webhooks.due(connection, time.time()) if hook.id not in self._busy]
        of_stream = Counter(client_id for client_id, _ in self._busy.values())
        for hook in hooks:
            if of_stream[hook.client_id] < _OF_STREAM:
                of_stream[hook.client_id] += 1
                self._busy[hook.id] = hook.client_id, self._pool.submit(self._send_all, hook)
        return [future for _, future in self._busy.values()]

    def _send_all(self, hook: Webhook) -> None:
        """Send what a hook has to send, until there is no more, one fails or all is to stop."""
        while not self._stopping.is_set() and not hook.off and hook.next_at <= time.time():
            with self._database.read() as connection:
                # Before the look for the next: what comes between the two is not passed over.
                upto = events.newest(connection) if hook.types else hook.after
                event = webhooks.next_event(connection, hook)
            if event is None:
                if upto > hook.after:
                    with self._database.write() as connection:
                        webhooks.pass_over(connection, hook, upto)
                return
            tried, pause = self._try(hook, event)
            hook = after(hook, tried, pause)
            with self._database.write() as connection:
                webhooks.note(connection, hook, tried)

    def _try(self, hook: Webhook, event: Event) -> tuple[Try, float]:
        """One try, and the pause that the receiver asks for."""
        begin, clock = time.time(), time.monotonic()
        try:
            status, pause, why = *_post(self._check(hook.url), hook, event), ""
        except BadInput as exc:
            status, pause, why = 0, 0.0, exc.message
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            status, pause, why = 0, 0.0, f"{type(exc).__name__}: {exc}"[:200]
        except Exception as exc:  # a try like any other: else it would be made again twice a second
            log.exception("a webhook cannot be sent")
            status, pause, why = 0, 0.0, type(exc).__name__
        return Try(event.id, begin, status, round(time.monotonic() - clock, 3), why), pause


def after(hook: Webhook, tried: Try, pause: float) -> Webhook:
    """Where a hook stands after a try. pause: what the receiver asks for, in seconds."""
    if 200 <= tried.status < 300:
        return dataclasses.replace(hook, after=tried.event_id, tries=0, next_at=tried.at)
    if tried.status == 410:
        return dataclasses.replace(hook, off="The receiver said that it is gone (410).")
    if hook.tries >= len(PAUSES):
        return dataclasses.replace(hook, off=f"{len(PAUSES) + 1} tries failed.", tries=0)
    wait = min(max(PAUSES[hook.tries], pause), _LONGEST_PAUSE)
    return dataclasses.replace(hook, tries=hook.tries + 1, next_at=tried.at + wait)


def body_of(event: Event) -> bytes:
    message = {"type": event.type, "timestamp": iso(event.at), "data": event.fields()}
    return json.dumps(message, separators=(",", ":")).encode()


def _post(target: Target, hook: Webhook, event: Event) -> tuple[int, float]:
    """The status, and the seconds of Retry-After."""
    body = body_of(event)
    signed = signing.headers(hook.secrets, f"evt_{event.id}", time.time(), body)
    name = f"[{target.host}]" if ":" in target.host else target.host
    host = name if target.port in (80, 443) else f"{name}:{target.port}"
    headers = {**signed, "content-type": "application/json", "host": host, "user-agent": "audio-webhooks"}
    timeout = urllib3.Timeout(total=TIMEOUT)
    pool: urllib3.HTTPConnectionPool
    if target.scheme == "https":
        # The name is that of the certificate; the address is the one that was checked.
        pool = urllib3.HTTPSConnectionPool(
            target.address, target.port, timeout=timeout, server_hostname=target.host, assert_hostname=target.host
        )
    else:
        pool = urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout)
    with pool:
        reply = pool.urlopen(
            "POST", target.path, body=body, headers=headers, redirect=False, retries=False, preload_content=False
        )
        reply.close()  # nobody looks at its body, and it may have no end
        return reply.status, _seconds(reply.headers.get("retry-after", ""))


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0
