#!/usr/bin/env python3
"""Writes hosts/python/locks/<engine>.txt from <engine>.in: every package of an engine's environment,
pinned, with the sums of its files for each machine and Python that Gearbox supports.

    tools/lock_engines.py [ENGINE...]      needs the network and pip >= 23

A package that resolves to different versions on different machines is refused: one lock, one answer.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

LOCKS = pathlib.Path(__file__).resolve().parent.parent / "hosts" / "python" / "locks"
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
GLIBCS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_24",
          "manylinux_2_17", "manylinux2014")
SDIST = re.compile(r"#\s*sdist\s*$")


def wanted(path):
    """The lines of an .in file: those that come as wheels, those that are built."""
    wheels, sdists = [], []
    for line in path.read_text().splitlines():
        text = line.split("#")[0].strip()
        if text:
            (sdists if SDIST.search(line) else wheels).append(text)
    return wheels, sdists


def report(requirements, *flags):
    """What pip would install, as (name, version, sha256)."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run",
                   "--ignore-installed", "--report", str(out), *flags, *requirements]
        subprocess.run(command, check=True)
        for item in json.loads(out.read_text())["install"]:
            meta = item["metadata"]
            hashes = item["download_info"]["archive_info"]["hashes"]
            yield meta["name"].lower().replace("_", "-"), meta["version"], hashes["sha256"]


def resolve_wheels(requirements):
    for python in PYTHONS:
        for machine in MACHINES:
            platforms = [f"--platform={glibc}_{machine}" for glibc in GLIBCS]
            yield from report(requirements, "--only-binary=:all:", "--target=/nonexistent",
                              f"--python-version={python}", "--implementation=cp", *platforms)


def resolve_sdists(requirements):
    for requirement in requirements:
        name = re.split(r"[\[=<>~!]", requirement)[0]
        yield from report([requirement], "--no-deps", f"--no-binary={name}")


def lock(engine):
    wheels, sdists = wanted(LOCKS / f"{engine}.in")
    packages = {}
    for name, version, digest in (*resolve_wheels(wheels), *resolve_sdists(sdists)):
        known, digests = packages.setdefault(name, (version, set()))
        if known != version:
            raise SystemExit(f"lock_engines: {engine}: {name} is {known} and {version}: "
                             f"pin it in {engine}.in")
        digests.add(digest)
    lines = [f"# The environment of {engine}: made by tools/lock_engines.py from {engine}.in."]
    for name in sorted(packages):
        version, digests = packages[name]
        sums = " \\\n".join(f"    --hash=sha256:{digest}" for digest in sorted(digests))
        lines.append(f"{name}=={version} \\\n{sums}")
    (LOCKS / f"{engine}.txt").write_text("\n".join(lines) + "\n")
    print(f"{engine}: {len(packages)} packages")


def main():
    engines = sys.argv[1:] or sorted(path.stem for path in LOCKS.glob("*.in"))
    for engine in engines:
        lock(engine)


if __name__ == "__main__":
    main()
