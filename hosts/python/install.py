#!/usr/bin/env python3
"""Installs, removes and examines the environments of Python's engines.

    install.py install ENGINE... --into DIR    an environment each, from locks/ENGINE.txt
    install.py remove ENGINE... --into DIR
    install.py doctor [ENGINE...] --into DIR   exit 1 when something is broken

Called by `gearbox engines`; needs Python 3.11 or later with pip 22.3 or later and nothing else. An environment
appears under its name when it is whole: it is made as DIR/.ENGINE.partial and renamed. What it holds
is in its gearbox-engine.json, which docs/host-protocol.md describes.

stdout has one JSON object a line: {"engine", "step", "text"} while working, and at the end of each
engine {"engine", "ok", "text", "fix"}. Exit status: 0 done, 1 broken (doctor), 2 wrong usage, 4 no
such engine, 5 failed.
"""
import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LOCKS = HERE / "locks"
MANIFEST = "gearbox-engine.json"
MANIFEST_VERSION = 1
PROTOCOL = 1
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)
# A package that is built here must find these in the environment first.
BUILD_TOOLS = ("setuptools", "wheel")
DESCRIBE_SECONDS = 120


class Trouble(Exception):
    """What went wrong and what to do, one line each."""

    def __init__(self, text, fix=None, status=5):
        super().__init__(text)
        self.fix = fix
        self.status = status


def tell(engine, **what):
    print(json.dumps({"engine": engine, **what}), flush=True)


# ---- what is known -------------------------------------------------------------------------------

def known_engines():
    return sorted(path.stem for path in LOCKS.glob("*.txt"))


def lock_path(engine):
    path = LOCKS / f"{engine}.txt"
    if not path.is_file():
        raise Trouble(f"there is no engine '{engine}' to install: choose one of "
                      f"{', '.join(known_engines())}", status=4)
    return path


def lock_sum(engine):
    return hashlib.sha256(lock_path(engine).read_bytes()).hexdigest()


def locked_versions(engine):
    """{package: version} of a lock."""
    found = re.findall(r"^([\w.-]+)==(\S+)", lock_path(engine).read_text(), re.M)
    return dict(found)


def read_manifest(home):
    """The manifest of an environment; None when it is not there or not whole."""
    try:
        manifest = json.loads((home / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def is_current(engine, home):
    manifest = read_manifest(home)
    return (manifest is not None and manifest.get("gearbox_engine") == MANIFEST_VERSION
            and manifest.get("protocol") == PROTOCOL and manifest.get("lock") == lock_sum(engine)
            and manifest.get("host") == host_sum() and (home / "bin" / "python").exists())


def host_sum():
    """Of the host's own sources: what an engine declares comes from them."""
    digest = hashlib.sha256()
    for path in sorted((HERE / "gearbox_host").rglob("*")):
        if path.suffix in (".py", ".json"):
            digest.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


# ---- running things ------------------------------------------------------------------------------

def clean_env():
    """pip must not be led elsewhere by this machine's Python settings; its own stay (an index, a proxy)."""
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    env.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", LC_ALL="C.UTF-8")
    return env


def last_words(text):
    """The line of a failed command that says why."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if re.search(r"No space left|certificate verify failed|name resolution|unreachable|timed out|do not match",
                     line):
            return line[:200]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it said nothing"])[-1][:200]


def pip(home, engine, *arguments):
    command = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install",
               "--no-deps", "--require-hashes", "--no-compile", "--progress-bar", "off", *arguments]
    said = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", env=clean_env(), stdin=subprocess.DEVNULL) as process:
        for line in process.stdout:
            said.append(line)
            if step := pip_step(line):
                tell(engine, step="fetch", text=step)
    if process.returncode != 0:
        raise Trouble(f"could not install the packages of {engine}: {last_words(''.join(said))}",
                      "see that this machine reaches a package index, then run it again")


def pip_step(line):
    """What a line of pip's says to people; None: nothing."""
    if found := re.match(r"\s*Downloading (\S+?)(?:\.whl|\.tar\.gz)?(?:\.metadata)? \(([\d.]+ [kMG]B)\)", line):
        return f"{found[1].rsplit('/')[-1]} ({found[2]})"
    if line.startswith(("Installing collected packages", "Building wheels")):
        return line.split(":")[0].lower()
    return None


def check_python():
    if sys.version_info < OLDEST_PYTHON:
        raise Trouble(f"{sys.executable} is Python {sys.version.split()[0]}, but engines need 3.11 or later",
                      "set GEARBOX_PYTHON to a later one")
    probe = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True,
                           env=clean_env(), check=False)
    version = re.match(r"pip (\d+)\.(\d+)", probe.stdout)
    if not version:
        raise Trouble(f"{sys.executable} has no pip", "install it: apt-get install python3-pip")
    if tuple(map(int, version.groups())) < OLDEST_PIP:
        raise Trouble(f"{sys.executable} has pip {version[1]}.{version[2]}, but engines need 22.3 or later",
                      "set GEARBOX_PYTHON to a later Python")


# ---- installing ----------------------------------------------------------------------------------

@contextlib.contextmanager
def alone(into, engine):
    """Two installers of one engine wait for each other."""
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(into / f".{engine}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def describe(engine, home):
    """What the engine says of itself: proof that it starts."""
    command = [str(home / "bin" / "python"), "-I", str(HERE / "host.py"), engine, "--describe"]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=DESCRIBE_SECONDS,
                                 stdin=subprocess.DEVNULL, env=clean_env(), check=False)
    except subprocess.TimeoutExpired:
        raise Trouble(f"{engine} did not say within {DESCRIBE_SECONDS} s what it can do") from None
    except OSError as error:
        raise Trouble(f"the Python of {engine} does not start: {error.strerror}") from None
    if process.returncode != 0:
        raise Trouble(f"{engine} does not start: {last_words(process.stderr)}")
    return json.loads(process.stdout)


def make_environment(engine, home):
    tell(engine, step="make", text="making an environment")
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], text=True,
                          capture_output=True, env=clean_env(), check=False)
    if made.returncode != 0:
        raise Trouble(f"could not make an environment: {last_words(made.stderr or made.stdout)}",
                      "is there a python3-venv to install?")


def fill_environment(engine, home):
    locked = lock_path(engine).read_text()
    tools = [entry for entry in re.split(r"\n(?=\S)", locked) if entry.startswith(BUILD_TOOLS)]
    if not tools:
        pip(home, engine, "--only-binary=:all:", "-r", str(lock_path(engine)))
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as first:
        first.write("\n".join(tools) + "\n")
        first.flush()
        pip(home, engine, "--only-binary=:all:", "-r", first.name)
    pip(home, engine, "--no-build-isolation", "-r", str(lock_path(engine)))


def write_manifest(engine, home, said):
    manifest = {"gearbox_engine": MANIFEST_VERSION, "engine": engine, "protocol": PROTOCOL,
                "lock": lock_sum(engine), "host": host_sum(), "python": sys.version.split()[0],
                "versions": said["versions"], "capabilities": said["capabilities"]}
    with open(home / (MANIFEST + ".new"), "w", encoding="utf-8") as out:
        json.dump(manifest, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    os.replace(home / (MANIFEST + ".new"), home / MANIFEST)
    return manifest


def describe_again(engine, home):
    """The packages are right but the host has changed: only what it declares is new."""
    manifest = read_manifest(home)
    if not manifest or manifest.get("lock") != lock_sum(engine) or not (home / "bin/python").exists():
        return False
    tell(engine, step="describe", text="asking what it can do")
    write_manifest(engine, home, describe(engine, home))
    return True


def install(engine, into):
    lock_path(engine)
    home = into / engine
    partial = into / f".{engine}.partial"
    with alone(into, engine):
        if is_current(engine, home):
            return f"{engine} is installed already"
        if describe_again(engine, home):
            return f"{engine} is up to date"
        remove_tree(partial)
        try:
            make_environment(engine, partial)
            fill_environment(engine, partial)
            tell(engine, step="describe", text="asking what it can do")
            manifest = write_manifest(engine, partial, describe(engine, partial))
            remove_tree(home)
            os.rename(partial, home)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return f"{engine} {manifest['versions'].get(engine, '')} is installed in {home}"


# ---- removing ------------------------------------------------------------------------------------

def remove_tree(path):
    """Out of the way at once, then gone: nobody meets half an environment under its name."""
    if not path.exists() and not path.is_symlink():
        return
    away = pathlib.Path(tempfile.mkdtemp(prefix=".removed-", dir=path.parent))
    os.rename(path, away / "gone")
    shutil.rmtree(away, ignore_errors=True)


def remove(engine, into):
    lock_path(engine)
    if not (into / engine).exists():
        raise Trouble(f"{engine} is not installed in {into}", status=4)
    with alone(into, engine):
        remove_tree(into / engine)
        remove_tree(into / f".{engine}.partial")
    return f"{engine} is removed"


# ---- the doctor ----------------------------------------------------------------------------------

def examine(engine, into):
    """One line of good health, or Trouble."""
    home = into / engine
    fix = f"gearbox engines install {engine}"
    if not home.exists():
        if (into / f".{engine}.partial").exists():
            raise Trouble(f"an installation of {engine} was interrupted", fix)
        return f"{engine} is not installed"
    manifest = read_manifest(home)
    if manifest is None:
        raise Trouble(f"the environment of {engine} in {home} is not whole: {MANIFEST} is missing or damaged", fix)
    if manifest.get("lock") != lock_sum(engine):
        raise Trouble(f"{engine} was installed for another version of Gearbox", fix)
    said = check_starts(engine, home, fix)
    wrong = [f"{name} is {said['versions'][name]} and should be {version}"
             for name, version in locked_versions(engine).items()
             if said["versions"].get(name, version) != version]
    if wrong:
        raise Trouble(f"the environment of {engine} was changed: {'; '.join(wrong)}",
                      f"gearbox engines remove {engine}, then {fix}")
    if not is_current(engine, home):
        raise Trouble(f"what {engine} can do has changed since it was installed", fix)
    return f"{engine} {manifest['versions'].get(engine, '')} starts"


def check_starts(engine, home, fix):
    try:
        return describe(engine, home)
    except Trouble as trouble:
        raise Trouble(str(trouble), trouble.fix or f"gearbox engines remove {engine}, then {fix}") from None


# ---- the program ---------------------------------------------------------------------------------

VERBS = {"install": install, "remove": remove, "doctor": examine}


def run(verb, engine, into):
    try:
        if verb == "install":
            check_python()
        text = VERBS[verb](engine, into)
    except Trouble as trouble:
        tell(engine, ok=False, text=str(trouble), fix=trouble.fix)
        return 1 if verb == "doctor" else trouble.status
    except OSError as error:
        place = f"'{error.filename}': " if error.filename else ""
        tell(engine, ok=False, text=f"{place}{error.strerror}", fix=None)
        return 5
    tell(engine, ok=True, text=text, fix=None)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("engines", nargs="*")
    parser.add_argument("--into", type=pathlib.Path, required=True)
    given = parser.parse_intermixed_args()
    engines = given.engines or (known_engines() if given.verb == "doctor" else [])
    if not engines:
        parser.error("name an engine")
    into = given.into.absolute()
    return max(run(given.verb, engine, into) for engine in engines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(7)
