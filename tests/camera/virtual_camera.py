"""Try real V4L2 cameras, which a machine without one can have: the kernel's own (vivid), in a virtual machine.

By hand, because it fetches a kernel (70 MB) and takes two minutes:

    sudo apt install qemu-system-x86 busybox-static cpio kmod
    python tests/camera/virtual_camera.py

The virtual machine sees this one's files, read-only, and runs this file again with "inside".
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
DRIVER = Path("/sys/bus/platform/drivers/vivid")
INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sysfs /sys; $b mount -t devtmpfs dev /dev
while read module; do case $module in *vivid.ko) options="n_devs=2 node_types=0x1,0x1";; *) options=;; esac
$b insmod $module $options; done < /modules
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /root
for d in dev proc sys; do $b mount --bind /$d /root/$d; done
$b mount -t tmpfs tmpfs /root/run
$b chroot /root {python} -B {script} inside
$b poweroff -f
"""


def boot(folder: Path) -> int:
    depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=True)
    kernel = re.search(r"Depends: (linux-image-(\S+))", depends.stdout)
    assert kernel, "no kernel package; run apt-get update"
    subprocess.run(["apt-get", "download", kernel[1]], cwd=folder, check=True)
    subprocess.run(["dpkg-deb", "-x", next(folder.glob("*.deb")), folder / "kernel"], check=True)
    subprocess.run(["depmod", "-b", folder / "kernel", kernel[2]], check=True)
    modules = folder / "kernel" / "lib" / "modules" / kernel[2]
    initrd = _initrd(folder / "initrd", modules)
    machine = ["qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-m", "1500", "-nographic", "-no-reboot"]
    console = ["-append", "console=ttyS0 quiet"]
    files = ["-kernel", folder / "kernel" / "boot" / f"vmlinuz-{kernel[2]}", "-initrd", initrd]
    share = ["-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"]
    command = [*machine, *files, *console, *share]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=True)
    print(done.stdout[done.stdout.find("Booting from ROM") :])
    return 0 if "ALL IS WELL" in done.stdout else 1


def _initrd(root: Path, modules: Path) -> Path:
    """A file system that loads the modules and goes on in the host's."""
    for name in ("bin", "dev", "lib", "proc", "root", "sys"):
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin")
    lines = [line.partition(":") for line in (modules / "modules.dep").read_text().splitlines()]
    needs = {file: rest.split() for file, _, rest in lines}
    order: list[str] = []
    for wanted in ("virtio_pci.ko", "9pnet_virtio.ko", "9p.ko", "vivid.ko"):
        file = next(file for file in needs if file.endswith(f"/{wanted}"))
        order += [one for one in (*reversed(needs[file]), file) if one not in order]
    for file in order:
        shutil.copy(modules / file, root / "lib")
    (root / "modules").write_text("".join(f"/lib/{Path(file).name}\n" for file in order))
    (root / "init").write_text(INIT.format(python=sys.executable, script=HERE))
    (root / "init").chmod(0o755)
    names = "\n".join(str(file.relative_to(root)) for file in root.rglob("*"))
    packed = subprocess.run(
        ["cpio", "-o", "-H", "newc"], cwd=root, input=names.encode(), capture_output=True, check=True
    )
    image = root.with_suffix(".gz")
    image.write_bytes(gzip.compress(packed.stdout, 1))
    return image


def inside() -> None:
    """What is to be true of real cameras."""
    sys.path.insert(0, str(ROOT))
    from edge.camera import open_source
    from edge.camera.capture import Capture
    from edge.errors import Problem

    source = open_source("0", width=1280, height=720)
    image = source.read()
    assert image is not None
    assert image.shape == (720, 1280, 3)

    def refusal(name: str) -> str:
        try:
            open_source(name).close()
        except Problem as problem:
            print(problem)
            return str(problem)
        return "not refused"

    hold = "from edge.camera import open_source; s = open_source('1'); s.read(); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        other.stdout.readline()
        for name in ("1", "/dev/video1"):
            assert f"is busy: python (process {other.pid}) uses it" in refusal(name)
        other.kill()
    assert refusal("1") == "not refused"
    assert "Cameras here: /dev/video0 (vivid-000-vid-cap), /dev/video1" in refusal("7")
    source.close()

    with Capture(partial(open_source, "0"), pace="live", back_off=(0.5, 1)) as camera:
        assert camera.latest(30)
        (DRIVER / "unbind").write_text("vivid.0")  # pulls the plug
        while not camera.state.startswith("lost"):
            camera.latest(0.5)
        time.sleep(3)
        print(camera.state)
        assert camera.state.startswith("lost: There is no camera /dev/video0.")
        (DRIVER / "bind").write_text("vivid.0")
        seen = camera.frames
        while camera.frames == seen:
            camera.latest(0.5)
        assert camera.state == "ok"
    print("ALL IS WELL")


if __name__ == "__main__":
    if "inside" in sys.argv:
        inside()
    else:
        with tempfile.TemporaryDirectory() as place:
            sys.exit(boot(Path(place)))
