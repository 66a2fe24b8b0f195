"""The process itself: its memory, its children, its end."""
from __future__ import annotations

import os
import signal
import threading

_PAGE = os.sysconf('SC_PAGE_SIZE')


def children_of(pid: int) -> list[int]:
    """Living processes below `pid`, in no order."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat', 'rb') as file:
                    parent = int(file.read().rsplit(b')', 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue  # it ended meanwhile
            parents.setdefault(parent, []).append(int(name))
    found, left = [], [pid]
    while left:
        own = parents.get(left.pop(), [])
        found += own
        left += own
    return found


def rss_of(pid: int) -> int:
    try:
        with open(f'/proc/{pid}/statm', 'rb') as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0


def rss_bytes() -> int:
    """Of this process and its children."""
    own = os.getpid()
    return rss_of(own) + sum(rss_of(pid) for pid in children_of(own))


def reset_peak() -> None:
    """The kernel's high-water mark begins anew; where that is not allowed it stays."""
    try:
        with open('/proc/self/clear_refs', 'w', encoding='ascii') as file:
            file.write('5')
    except OSError:
        pass


def peak_rss_bytes() -> int:
    try:
        with open('/proc/self/status', encoding='ascii', errors='replace') as file:
            for line in file:
                if line.startswith('VmHWM:'):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def end_now(code: int) -> None:
    """Ends this process and all that it started, without a last word."""
    own = os.getpid()
    for pid in children_of(own):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    if os.getpgid(0) == own and code != 0:
        # What has another parent by now is in our process group still.
        os.killpg(own, signal.SIGKILL)
    os._exit(code)


def end_with(file) -> None:
    """From here on the end of `file` (stdin), or SIGTERM, is the end of the process and all that
    it started. In the main thread."""
    signal.signal(signal.SIGTERM, lambda number, frame: end_now(1))

    def wait():
        while True:
            try:
                if not os.read(file.fileno(), 4096):
                    break
            except OSError:
                break
        end_now(1)

    threading.Thread(target=wait, name='stdin', daemon=True).start()
