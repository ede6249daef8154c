"""The bytes of blobs in a bucket of S3, or of what speaks as it does, for several machines.

Credentials, region and endpoint are those of AWS's usual variables and files; an endpoint may also be in the URL.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from audio.errors import BadInput, Busy

_PAGE = 1000  # objects of a list that come at once: the most there may be
_CONNECT_SECONDS, _ANSWER_SECONDS, _TRIES = 3, 20, 2
_OPTIONS = {"endpoint_url", "region_name"}
_GONE = ("NoSuchKey", "404")


class Bucket:
    """Objects named by the first two letters of their blob's id, and the id. url: s3://BUCKET/PREFIX?endpoint_url=URL"""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._options = dict(parse_qsl(parts.query))
        if unknown := set(self._options) - _OPTIONS:
            raise BadInput(f"blobs: '{min(unknown)}' is no parameter: {', '.join(sorted(_OPTIONS))}.", field="blobs")
        self._lock = threading.Lock()

    @functools.cached_property
    def _client(self) -> Any:
        """One for all threads of a process, made at the first use: after a fork."""
        import boto3
        from botocore.config import Config

        retries = {"total_max_attempts": _TRIES}
        config = Config(
            connect_timeout=_CONNECT_SECONDS, read_timeout=_ANSWER_SECONDS, retries=retries, max_pool_connections=50
        )
        return boto3.session.Session().client("s3", config=config, **self._options)

    def _call(self, name: str, **arguments: Any) -> Any:
        with self._lock:
            client = self._client
        return getattr(client, name)(Bucket=self._bucket, **arguments)

    def _key(self, blob_id: str) -> str:
        return f"{self._prefix}/{blob_id[:2]}/{blob_id}".lstrip("/")

    def write(self, blob_id: str, data: bytes | memoryview) -> None:
        with _answers():
            self._call("put_object", Key=self._key(blob_id), Body=bytes(data))

    def read(self, blob_id: str) -> bytes | None:
        from botocore.exceptions import ClientError

        with _answers():
            try:
                return bytes(self._call("get_object", Key=self._key(blob_id))["Body"].read())
            except ClientError as exc:
                if exc.response["Error"]["Code"] in _GONE:
                    return None
                raise

    def source(self, blob_id: str) -> BytesIO:
        data = self.read(blob_id)
        if data is None:
            raise FileNotFoundError(blob_id)
        return BytesIO(data)

    def remove(self, blob_id: str) -> None:
        with _answers():
            self._call("delete_object", Key=self._key(blob_id))

    def strays(self, older_than: float) -> list[str]:
        found, more = [], {"Prefix": f"{self._prefix}/".lstrip("/"), "MaxKeys": _PAGE}
        while more:
            with _answers():
                page = self._call("list_objects_v2", **more)
            for one in page.get("Contents", ()):
                if one["LastModified"].timestamp() < older_than:
                    found.append(one["Key"].rpartition("/")[2])
            token = page.get("NextContinuationToken")
            more = {**more, "ContinuationToken": token} if token else {}
        return found


@contextmanager
def _answers() -> Iterator[None]:
    """What is wrong with the store, as the gateway knows it."""
    from botocore.exceptions import ConnectionError as Away
    from botocore.exceptions import HTTPClientError

    try:
        yield
    except (Away, HTTPClientError) as exc:
        raise Busy("The store of blobs does not answer: send this again in a few seconds.", retry_after=5) from exc
