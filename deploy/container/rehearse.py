"""Do what the Containerfile says, without a container engine: `sudo python3 rehearse.py`.

Its steps run in a file system of their own laid over this machine's (overlay, mount namespace), so
that nothing here changes. Then the image is run as it asks to be: as its user, with no capability, on
a root that takes no writes, with one volume; its health check must answer, and it must end when
asked. This machine's Python stands for the base image. Prints one JSON document; exit 3 where this
machine lets nobody mount, 1 where the image does not do what it should.

--environment FOLDER   use an environment that is there instead of building one from the lock
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 180
# This machine has no digest; the step that asks for one is passed.
BASE_HERE = "BASE=this-machine@sha256:"
NOT_HERE = 3


@dataclass
class Image:
    """What a Containerfile asks for: steps of its stages, and how to run the last one."""

    steps: list[list[tuple[str, str]]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""
    volume: str = ""
    health: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


def read(path: Path) -> Image:
    """The instructions of a Containerfile; a word it does not know is refused."""
    image, entry = Image(), []
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
    for line in filter(None, text.replace("\\\n", " ").splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            image.steps.append([])
        elif word in ("RUN", "COPY", "WORKDIR"):
            image.steps[-1].append((word, rest.strip()))
        elif word == "ENV":
            image.environment |= dict(one.split("=", 1) for one in shlex.split(rest))
        elif word == "USER":
            image.user = rest.strip()
        elif word == "VOLUME":
            image.volume = rest.strip()
        elif word == "HEALTHCHECK":
            image.health = json.loads(rest[rest.index("[") :])
        elif word == "ENTRYPOINT":
            entry = json.loads(rest)
        elif word == "CMD":
            image.command = entry + json.loads(rest)
        elif word not in ("ARG", "EXPOSE"):
            raise SystemExit(f"{path.name}: {word} is not known here.")
    return image


@dataclass
class Root:
    """A file system laid over this machine's."""

    top: Path

    @property
    def path(self) -> Path:
        """Where it is mounted."""
        return self.top / "root"

    def lay(self) -> None:
        """Mount it; exit 3 where that is not allowed."""
        _quiet("mount", "--make-rprivate", "/")
        # In memory: what is laid over may itself be an overlay, which cannot carry another.
        if _quiet("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(self.top)):
            _not_here()
        for name in ("upper", "work", "root", "volume"):
            (self.top / name).mkdir()
        over = f"lowerdir=/,upperdir={self.top}/upper,workdir={self.top}/work"
        done = [
            _quiet("mount", "-t", "overlay", "overlay", "-o", over, str(self.path)),
            *(
                _quiet("mount", "--rbind", f"/{one}", f"{self.path}/{one}")
                for one in ("proc", "dev")
            ),
        ]
        if any(done):
            _not_here()
        # A base image's Python may be read by anybody; one below a home may not.
        for folder in (Path(sys.base_prefix), REPOSITORY):
            for one in (folder, *folder.parents):
                (self.path / one.relative_to("/")).chmod(0o755)

    def step(self, word: str, rest: str, folder: str) -> str:
        """Do one step in `folder`; the folder of the next one."""
        if word == "WORKDIR":
            (self.path / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            return rest
        if word == "RUN":
            step = f"cd {folder}; {rest}"
            _checked("env", BASE_HERE, "chroot", str(self.path), "/bin/sh", "-ec", step)
        elif "--from=" not in rest:
            *sources, target = rest.split()
            place = self.path / folder.lstrip("/") / target
            for source in sources:
                _copy(REPOSITORY / source, place, into=target.endswith("/"))
        return folder

    def close(self, volume: str, environment: Path | None) -> None:
        """From now on it takes no writes but in the volume and in /tmp; what is borrowed stays."""
        place = self.path / volume.lstrip("/")
        owner = place.stat()
        kept = self.top / "volume"
        os.chown(kept, owner.st_uid, owner.st_gid)
        kept.chmod(0o700)
        _checked("mount", "--bind", str(kept), str(place))
        _checked("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(self.path / "tmp"))
        if environment is not None:
            for borrowed in {environment, REPOSITORY}:
                here = self.path / borrowed.relative_to("/")
                here.mkdir(parents=True, exist_ok=True)
                _checked("mount", "--bind", str(borrowed), str(here))
        _checked("mount", "-o", "remount,bind,ro", str(self.path))


def _not_here() -> NoReturn:
    sys.stderr.write("Nobody may mount an overlay here; nothing was rehearsed.\n")
    raise SystemExit(NOT_HERE)


def _copy(source: Path, place: Path, *, into: bool) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, place, dirs_exist_ok=True, ignore=ignored)
        return
    place = place / source.name if into or place.is_dir() else place
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, place)


def _quiet(*words: str) -> int:
    return subprocess.run(words, check=False, stderr=subprocess.DEVNULL).returncode


def _checked(*words: str) -> None:
    done = subprocess.run(words, check=False, stdout=sys.stderr)
    if done.returncode:
        raise SystemExit(f"This step failed: {shlex.join(words)}")


@dataclass
class Container:
    """The image at work."""

    root: Root
    image: Image
    port: int

    def words(self, command: list[str]) -> list[str]:
        """A command as the engine would start it: chroot, user, nothing it may do beyond."""
        uid, _, gid = self.image.user.partition(":")
        kept = {"AMENDS_ALLOWED_HOSTS": "localhost", **self.image.environment}
        kept["PATH"] = kept["PATH"].replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
        return [
            "chroot",
            str(self.root.path),
            "setpriv",
            f"--reuid={uid}",
            f"--regid={gid}",
            "--clear-groups",
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
            "env",
            "-i",
            "-C",
            "/",
            *(f"{name}={value}" for name, value in kept.items()),
            *command,
        ]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """One command beside it."""
        return subprocess.run(self.words(command), check=False, capture_output=True, text=True)

    @contextlib.contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """Its own command, at work."""
        one = subprocess.Popen(
            self.words([*self.image.command, "--port", str(self.port)]),
            stdout=sys.stderr,
            stderr=sys.stderr,
        )
        try:
            yield one
        finally:
            one.kill()
            one.wait()

    def is_healthy(self) -> bool:
        """What the health check says."""
        return self.run([*self.image.health, "--port", str(self.port)]).returncode == 0


def rehearse(image: Image, environment: Path | None, top: Path) -> dict[str, object]:
    """Build, run, ask, stop; what was seen."""
    root = Root(top)
    root.lay()
    began = time.monotonic()
    if environment is None:
        folder = "/"
        for word, rest in image.steps[0]:
            folder = root.step(word, rest, folder)
    else:
        target = root.path / "opt" / "amends"
        shutil.rmtree(target, ignore_errors=True)
        target.symlink_to(environment)
    built_s = time.monotonic() - began
    for word, rest in image.steps[-1]:
        root.step(word, rest, "/")
    root.close(image.volume, environment)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    container = Container(root, image, port)
    with container.started() as process:
        end = time.monotonic() + PATIENCE_S
        while not (healthy := container.is_healthy()) and time.monotonic() < end:
            if process.poll() is not None:
                break
            time.sleep(0.5)
        who = container.run(["id", "-u"]).stdout.strip()
        writes = [
            place
            for place in ("/", "/opt/amends", "/etc", "/usr", "/var")
            if container.run(["touch", f"{place}/written"]).returncode == 0
        ]
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
    kept = sorted(one.name for one in (top / "volume").iterdir())
    return {
        "built_s": round(built_s, 1),
        "healthy": healthy,
        "user": int(who),
        "writable": writes,
        "ended": process.returncode in (0, -signal.SIGTERM),
        "volume": kept,
    }


def main() -> None:
    """Print what was seen."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--environment", type=lambda text: Path(text).absolute())
    asked.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wish = asked.parse_args()
    if not wish.inside:
        if _quiet("unshare", "--mount", "true"):
            _not_here()
        words = ["unshare", "--mount", sys.executable, __file__, "--inside", *sys.argv[1:]]
        os.execvp(words[0], words)
    os.umask(0o022)
    image = read(REPOSITORY / "deploy" / "container" / "Containerfile")
    top = Path(tempfile.mkdtemp(prefix="amends-image-"))
    try:
        seen = rehearse(image, wish.environment, top)
    finally:
        subprocess.run(["umount", "-R", "-l", str(top)], check=False)
        shutil.rmtree(top, ignore_errors=True)
    print(json.dumps(seen))
    as_asked = seen["healthy"] and seen["ended"] and not seen["writable"]
    raise SystemExit(0 if as_asked and seen["user"] == int(image.user.partition(":")[0]) else 1)


if __name__ == "__main__":
    main()
