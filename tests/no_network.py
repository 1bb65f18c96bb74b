"""Runs a program where there is no network, and tells whether anything in it tried to use one.

Two ways, together where the system permits the first:

- a network namespace of its own (Linux, ``unshare``) with nothing but a loopback of its own: there
  is no way out, and the kernel counts what was sent or could not be, native code included;
- a ``sitecustomize`` that every interpreter started below loads: it writes down each attempt that
  goes through Python (connect, sendto, bind, names looked up) with where it came from, and refuses
  it. Unix sockets are no network.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Loaded by every interpreter before anything else; ``sys.addaudithook`` sees all of Python.
_RECORDER = """
import os, sys

_log = os.environ["NO_NETWORK_LOG"]
_pieces = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind", "socket.get")


def _write(line):
    fd = os.open(_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(fd, (line + "\\n").encode("utf-8", "replace"))
    finally:
        os.close(fd)


def _hook(event, arguments):
    if not event.startswith(_pieces) or event == "socket.gethostname":
        return
    if getattr(arguments[0], "family", None) == 1:  # AF_UNIX
        return
    if event.startswith("socket.get") and event[11:] in ("servbyname", "servbyport"):
        return
    frame, places = sys._getframe(1), []
    if event == "socket.bind" and frame.f_code.co_name == "_has_ipv6":
        return  # urllib3, which stix2 loads, looks whether the loopback has IPv6, and closes it
    while frame is not None and len(places) < 5:
        places.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        frame = frame.f_back
    what = arguments[1:] if hasattr(arguments[0], "family") else arguments
    _write(f"attempt {event} {what!r} at {' < '.join(places)}")
    raise OSError(101, "Network is unreachable")


_write("loaded " + str(os.getpid()))
sys.addaudithook(_hook)
"""

#: What the kernel counts of this namespace when something is sent, or cannot be for want of a way.
_COUNTED = {
    "Ip": ("OutRequests", "OutNoRoutes"),
    "Tcp": ("ActiveOpens",),
    "Udp": ("OutDatagrams",),
    "Ip6": ("OutRequests", "OutNoRoutes"),
    "Udp6": ("OutDatagrams",),
}
_UNSHARE = ("unshare", "--user", "--map-root-user", "--net", "--")
#: Without the loopback the kernel refuses an address of IPv6 before it counts.
_LOOPBACK = (
    "import fcntl, socket, struct; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
    "fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 1))"
)
_COUNTING = (
    '"$NO_NETWORK_PYTHON" -I -S -c "$NO_NETWORK_LOOPBACK" || exit 99; "$@"; code=$?; '
    'cat /proc/net/snmp /proc/net/snmp6 >"$NO_NETWORK_COUNTS"; exit $code'
)


@dataclass(frozen=True)
class Ran:
    """What a program did.

    Attributes:
        code: its exit code.
        output: what it said, on both channels.
        interpreters: how many interpreters were watched.
        attempts: to use a network, through Python.
        counts: to use a network, as the kernel counted; empty without a namespace.
    """

    code: int
    output: str
    interpreters: int
    attempts: tuple[str, ...]
    counts: dict[str, int]

    @property
    def tried(self) -> list[str]:
        """Every attempt, in words."""
        return [*self.attempts, *(f"{name}: {n}" for name, n in self.counts.items() if n)]


@cache
def namespaces() -> bool:
    """Whether a network namespace may be made here."""
    if shutil.which(_UNSHARE[0]) is None:
        return False
    done = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False)
    return done.returncode == 0


def run(
    command: Sequence[str | Path],
    scratch: Path,
    *,
    cwd: Path | None = None,
    stdin: str = "",
    apart: bool | None = None,
    recorded: bool = True,
) -> Ran:
    """Run a program without a network.

    Args:
        command: program and arguments.
        scratch: an empty folder for what is written down.
        cwd: where it runs.
        stdin: what it is given to read.
        apart: in a namespace of its own; by default where that is permitted.
        recorded: whether interpreters are watched.
    """
    apart = namespaces() if apart is None else apart
    log, counts = scratch / "attempts", scratch / "counts"
    (scratch / "sitecustomize.py").write_text(_RECORDER, encoding="utf-8")
    environment = {
        **os.environ,
        "NO_NETWORK_LOG": str(log),
        "NO_NETWORK_COUNTS": str(counts),
        "NO_NETWORK_PYTHON": sys.executable,
        "NO_NETWORK_LOOPBACK": _LOOPBACK,
    }
    if recorded:
        places = [str(scratch), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(places)
    before = (*_UNSHARE, "sh", "-c", _COUNTING, "sh") if apart else ()
    done = subprocess.run(
        [*before, *command],
        cwd=cwd,
        env=environment,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return Ran(
        code=done.returncode,
        output=done.stdout,
        interpreters=sum(line.startswith("loaded ") for line in lines),
        attempts=tuple(line for line in lines if line.startswith("attempt ")),
        counts=_counted(counts.read_text("ascii")) if apart else {},
    )


def kg(scratch: Path, *arguments: str, cwd: Path | None = None, stdin: str = "") -> Ran:
    """Run ``kg`` without a network, the strongest way there is here."""
    command = [sys.executable, "-m", "kg", *arguments]
    return run(command, scratch, cwd=cwd, stdin=stdin)


def _counted(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    for line in text.splitlines():
        head, _, rest = line.partition(":")
        if rest and head in _COUNTED:  # two lines each: names, then figures
            if head not in names:
                names[head] = rest.split()
            else:
                figures = dict(zip(names[head], map(int, rest.split()), strict=True))
                found |= {f"{head} {one}": figures[one] for one in _COUNTED[head]}
        elif not rest and len(line.split()) == 2:  # of IPv6: a name and a figure
            name, figure = line.split()
            for kind in ("Ip6", "Udp6"):
                if name.startswith(kind) and name.removeprefix(kind) in _COUNTED[kind]:
                    found[f"{kind} {name.removeprefix(kind)}"] = int(figure)
    return found
