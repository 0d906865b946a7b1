"""`make release`: wheel, sources, list of components, checksums and signature in one folder.

Built from the commit that is checked out, never from the working tree: two exports of it, at
different paths, time zones, umasks and hash seeds, must give the same bytes. Times in the archives
are those of the commit (SOURCE_DATE_EPOCH). Nothing is published.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# Licences that the metadata of a package does not state, from the licence file it ships.
LICENCES = {
    "aiofastnet": "MIT",
    "colorama": "BSD-3-Clause",
    "imapclient": "BSD-3-Clause",
    "picows": "MIT",
}
SHOWN = ("src/amends/**/templates/**/*.html", "src/amends/**/static/css/**")
"""What the pictures of the documents show."""
# Two builds that share as little as one machine allows.
SURROUNDINGS: tuple[Mapping[str, str], ...] = (
    {"TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"},
    {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "2", "LC_ALL": "C"},
)


class UnableToRelease(Exception):
    """The release is not made; the message says why and what to do."""


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def version_of(root: Path) -> str:
    """The version to release, which project file, package and changelog agree on.

    Raises UnableToRelease where they differ.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = str(project["version"])
    package = (root / "src/amends/__init__.py").read_text(encoding="utf-8")
    if f'__version__ = "{version}"' not in package:
        raise UnableToRelease(f"src/amends/__init__.py does not have version {version}.")
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(r"^## (\S+)", changes, re.MULTILINE)
    if section is None or section[1] != version:
        raise UnableToRelease(f"The first section of CHANGELOG.md is not {version}.")
    return version


def check_clean(root: Path) -> None:
    """Raise UnableToRelease where a file is changed or not committed."""
    if changed := _git(root, "status", "--porcelain"):
        raise UnableToRelease(f"Files are changed or not in git; commit or remove them:\n{changed}")


def check_pictures(root: Path) -> None:
    """Raise UnableToRelease where templates changed after docs/pictures was last renewed."""
    taken = _git(root, "log", "-1", "--format=%H", "--", "docs/pictures/*.jpg")
    names = [f":(glob){pattern}" for pattern in SHOWN]
    changed = _git(root, "diff", "--name-only", taken, "HEAD", "--", *names).splitlines()
    if changed:
        shown = "\n".join(changed[:10])
        raise UnableToRelease(
            f"{len(changed)} templates are newer than docs/pictures, among them:\n{shown}\n"
            "Renew them with `make pictures`, or accept them as they are: "
            "make release PICTURES=accepted"
        )


def _export(root: Path, commit: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "-C", str(root), "archive", commit], capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)


def build(root: Path, commit: str, folder: Path) -> dict[str, bytes]:
    """Wheel and sources of a commit, built twice in `folder`: file name → bytes.

    Raises UnableToRelease where the two builds differ.
    """
    moment = _git(root, "log", "-1", "--format=%ct", commit)
    builds = []
    for number, surroundings in enumerate(SURROUNDINGS):
        sources = folder / ("one" if number == 0 else "another/and/deeper")
        _export(root, commit, sources)
        built = folder / f"built-{number}"
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-d", str(built)],
            cwd=sources,
            env={
                "PATH": os.environ["PATH"],
                "SOURCE_DATE_EPOCH": moment,
                "AMENDS_COMMIT": commit,
                **surroundings,
            },
            umask=0o022 if number == 0 else 0o077,
            capture_output=True,
            check=True,
        )
        builds.append({path.name: path.read_bytes() for path in sorted(built.iterdir())})
    first, second = builds
    if differing := [name for name in first if first[name] != second.get(name)]:
        raise UnableToRelease(f"Two builds of {', '.join(differing)} differ.")
    return first


def _name(component: Mapping[str, Any]) -> str:
    return re.sub(r"[-_.]+", "-", component["name"]).lower()


def components(root: Path, sbom_tool: Path, epoch: str) -> dict[str, Any]:
    """What production runs on, as a CycloneDX document.

    Names, versions and hashes are those of `requirements/run.lock`; licences those that the
    packages installed here state. Raises UnableToRelease where a licence is unknown.
    """

    def run(*words: str) -> dict[str, Any]:
        done = subprocess.run(
            [str(sbom_tool), *words, "--output-reproducible", "--of", "JSON", "-o", "-"],
            cwd=root,
            env={**os.environ, "SOURCE_DATE_EPOCH": epoch},
            capture_output=True,
            check=True,
        )
        return dict(json.loads(done.stdout))

    installed = {_name(each): each for each in run("environment", sys.prefix)["components"]}
    document = run("requirements", "--pyproject", "pyproject.toml", "requirements/run.lock")
    for component in document["components"]:
        # In place of the lines of the lock; the hashes also stand under externalReferences.
        component["description"] = installed.get(_name(component), {}).get("description", "")
        stated = installed.get(_name(component), {}).get("licenses")
        if name := LICENCES.get(_name(component)):
            stated = stated or [{"license": {"id": name}}]
        if not stated:
            raise UnableToRelease(
                f"The licence of {component['name']} is not in its metadata; read it and add it "
                "to LICENCES in deploy/release.py."
            )
        component["licenses"] = stated
    return document


def sign(sums: Path, key: str) -> Path:
    """Sign the checksums with `gpg:KEY` or `minisign:SECRET-KEY-FILE`; the signature's path.

    Raises UnableToRelease where the key is written otherwise, or the program fails.
    """
    kind, _, name = key.partition(":")
    if kind == "gpg":
        signature = sums.with_name(f"{sums.name}.asc")
        command = ["gpg", "--batch", "--yes", "--armor", "--detach-sign", "--local-user", name]
        command += ["--output", str(signature), str(sums)]
    elif kind == "minisign":
        signature = sums.with_name(f"{sums.name}.minisig")
        command = ["minisign", "-S", "-s", name, "-m", str(sums), "-x", str(signature)]
    else:
        raise UnableToRelease("SIGN is gpg:KEY or minisign:FILE.")
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnableToRelease(f"{kind} did not sign: {error}") from error
    return signature


def release(root: Path, out: Path, *, sbom_tool: Path, pictures: str, key: str) -> list[Path]:
    """Make the release of the commit checked out in `root`; its files, in the folder `out`.

    Raises UnableToRelease; `out` is then as it was before.
    """
    version = version_of(root)
    check_clean(root)
    if pictures != "accepted":
        check_pictures(root)
    commit = _git(root, "rev-parse", "HEAD")
    epoch = _git(root, "log", "-1", "--format=%ct")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "release"
        folder.mkdir()
        for file, content in build(root, commit, Path(name)).items():
            (folder / file).write_bytes(content)
        for lock in ("run.lock", "traces.lock", "semantic.lock"):
            shutil.copyfile(root / "requirements" / lock, folder / lock)
        document = json.dumps(components(root, sbom_tool, epoch), indent=1, ensure_ascii=False)
        (folder / f"amends-{version}.cdx.json").write_text(f"{document}\n", encoding="utf-8")
        lines = [
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in sorted(folder.iterdir())
        ]
        sums = folder / "SHA256SUMS"
        sums.write_text("".join(lines), encoding="ascii")
        if key:
            sign(sums, key)
        shutil.rmtree(out, ignore_errors=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, out)
    return sorted(out.iterdir())


def main(words: list[str]) -> int:
    """Make the release, or the list of components alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "release")
    parser.add_argument(
        "--sbom-tool", type=Path, default=ROOT / "build" / "sbom" / "bin" / "cyclonedx-py"
    )
    parser.add_argument("--pictures", default="", help="'accepted': older than what they show")
    parser.add_argument("--sign", default="", help="gpg:KEY or minisign:FILE")
    parser.add_argument("--only-components", type=Path, help="write this CycloneDX file alone")
    given = parser.parse_args(words)
    try:
        if given.only_components:
            epoch = _git(given.root, "log", "-1", "--format=%ct")
            document = components(given.root, given.sbom_tool, epoch)
            given.only_components.write_text(json.dumps(document, indent=1), encoding="utf-8")
            return 0
        files = release(
            given.root,
            given.out,
            sbom_tool=given.sbom_tool,
            pictures=given.pictures,
            key=given.sign,
        )
    except UnableToRelease as error:
        print(f"make release: {error}", file=sys.stderr)
        return 1
    for path in files:
        print(f"{path.stat().st_size:>11,}  {path}")
    changes = (given.root / "CHANGELOG.md").read_text(encoding="utf-8")
    if "(unreleased)" in changes:
        print("CHANGELOG.md has no date for this version yet: it says unreleased.")
    if not given.sign:
        print("Not signed. To sign: make release SIGN=gpg:KEY, or SIGN=minisign:FILE")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
