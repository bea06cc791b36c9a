"""A process watched from outside, by strace: what it opens to write, whom it starts, to whom it speaks."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from parts import need

__all__ = ["Watcher"]

_CALLS = (
    "openat,open,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,mknod,mknodat,"
    "memfd_create,truncate,process_vm_writev,vmsplice,splice,sendfile,ptrace,socket,connect,bind,listen,accept,accept4,"
    "sendto,sendmsg,sendmmsg,execve,execveat,fork,vfork,clone,clone3,shmget,mq_open,io_uring_setup"
)
_NAMES = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Watcher:
    """`command` is what to start; what it did is known after its end."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._trace = folder / "trace"
        program = need("strace", "strace")
        # A file for each thread: no call is cut in two by another.
        self.command = [program, "-ff", "-yy", "--seccomp-bpf", "-s", "300", "-e", f"trace={_CALLS}", "-o", self._trace]

    def calls(self, *names: str) -> list[str]:
        """Those that succeeded, or were not refused at once."""
        lines = [line for file in self._trace.parent.glob("trace.*") for line in file.read_text().splitlines()]
        assert lines, "strace saw nothing"
        wanted = tuple(f"{name}(" for name in names)
        return [line for line in lines if line.startswith(wanted) and " = -1 E" not in line.replace("EINPROGRESS", "")]

    @property
    def written(self) -> set[str]:
        """Every file that was opened so that it could be written, made, or given a name."""
        opened = self.calls("openat", "open", "openat2", "creat", "truncate")
        able = [line for line in opened if "O_RDONLY" not in line or "O_CREAT" in line or "O_TMPFILE" in line]
        made = self.calls("rename", "link", "symlink", "mkdir", "mknod", "memfd_create", "shmget", "mq_open")
        return {name for line in able + made for name in _NAMES.findall(line)}

    @property
    def children(self) -> list[str]:
        """Processes it started; threads share its memory and are none."""
        born = self.calls("fork", "vfork", "clone", "clone3", "execve", "ptrace", "process_vm_writev")
        own = next(line for line in born if line.startswith("execve("))
        return [line for line in born if "CLONE_THREAD" not in line and line != own]

    @property
    def spoken_to(self) -> set[str]:
        """Whom it connected to: the port on this machine, or all that is known of the other end."""
        lines = [line for line in self.calls("connect") if "sa_family=AF_UNSPEC" not in line]
        ports = [re.search(r'htons\((\d+)\), sin_addr=inet_addr\("127\.0\.0\.1"\)', line) for line in lines]
        return {port[1] if port else line for port, line in zip(ports, lines, strict=True)}

    def sent(self, port: int) -> int:
        """Bytes given to the other end of a port."""
        lines = [line for line in self.calls("sendto", "sendmsg", "sendmmsg") if f"->127.0.0.1:{port}]" in line]
        return sum(int(line.rpartition(" = ")[2]) for line in lines)


def watch(watcher: Watcher, *words: object) -> subprocess.CompletedProcess[str]:
    command = [str(word) for word in (*watcher.command, *words)]
    return subprocess.run(command, capture_output=True, text=True, check=True)
