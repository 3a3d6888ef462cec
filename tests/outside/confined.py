"""Runs a command as a Space or a container would: user 1000, a file system that is read-only apart from home and
/tmp, and no network but the machine's own loopback. As far as this machine lets us: as root on Linux all of it, by
namespaces; otherwise the command runs as who we are, and says so."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

NAMESPACES = ["unshare", "--mount", "--net", "--fork", "--kill-child"]
USER = "--reuid=1000 --regid=1000 --clear-groups"
READ = "--inh-caps=+dac_read_search --ambient-caps=+dac_read_search"  # a developer's Python may lie in /root


@cache
def whole() -> bool:
    """Whether all of it can be had here."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv", "mount", "ip"))):
        return False
    return subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode == 0


def command(words: list[str], home: Path) -> list[str]:
    """The command, confined; `home` is an empty folder, which stays afterwards."""
    if not whole():
        return words
    place = shlex.quote(str(home))
    steps = [
        "ip link set lo up",
        f"chown -R 1000:1000 {place}",
        f"mount --bind {place} {place}",
        "mount -o remount,bind,ro /",
        f"mount -o remount,bind,rw {place}",
        "mount -t tmpfs -o size=1g,mode=1777 tmpfs /dev/shm",
        f"exec setpriv {USER} {READ} --no-new-privs {shlex.join(words)}",
    ]
    return [*NAMESPACES, "sh", "-c", " && ".join(steps)]
