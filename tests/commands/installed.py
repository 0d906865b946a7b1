"""Amends as an operator installs it: the built wheel, with the packages of requirements/run.lock.

The packages are linked from the environment that runs the tests, so that nothing is downloaded.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "run.lock"
_NAMED = re.compile(r"^([\w.-]+)(?:\[.*\])?==", re.MULTILINE)


def install(folder: Path) -> Path:
    """Build the wheel and install it in an environment of its own; the path of its `amends`."""
    wheels = folder / "wheels"
    _run("-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels))
    (wheel,) = wheels.glob("*.whl")
    environment = folder / "environment"
    _run("-m", "venv", "--without-pip", str(environment))
    python = environment / "bin" / "python"
    _run(
        *("-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"),
        *("--disable-pip-version-check", "--no-compile", str(wheel)),
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = environment / "lib" / version / "site-packages"
    # One process compiles for all that follow.
    _run("-m", "compileall", "-q", "-j", "2", str(packages))
    _link_packages(packages)
    return environment / "bin" / "amends"


def _run(*words: str) -> None:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AMENDS_")}
    subprocess.run([sys.executable, *words], cwd=ROOT, env=kept, check=True)


def _link_packages(packages: Path) -> None:
    """Link what the packages of the lock installed; other packages stay unknown."""
    available = Path(sysconfig.get_paths()["purelib"])
    names = _NAMED.findall(LOCK.read_text(encoding="utf-8"))
    for name in names:
        try:
            files = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # of another platform
        for entry in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            link = packages / entry
            if not link.exists() and (available / entry).exists():
                link.symlink_to(available / entry)
