from __future__ import annotations

import os
import threading
import time
import uuid

from audio.stores import job_ids


def test_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    before = time.time_ns() // 1_000_000
    ids = [job_ids.new() for _ in range(3000)]
    after = time.time_ns() // 1_000_000
    found = [uuid.UUID(one) for one in ids]
    assert {(one.version, one.variant) for one in found} == {(7, uuid.RFC_4122)}
    assert [str(one) for one in found] == ids
    moments = [one.int >> 80 for one in found]
    assert moments == sorted(moments)
    assert before <= moments[0] <= moments[-1] <= after


def test_no_two_are_alike_in_threads_and_children() -> None:
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.extend([job_ids.new() for _ in range(1000)])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.write(writer, "".join(job_ids.new()[14:] for _ in range(100)).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    ids += [text[i : i + 22] for i in range(0, len(text), 22)]
    ids += [job_ids.new() for _ in range(100)]
    assert len({one[-22:] for one in ids}) == len(ids) == 8200
