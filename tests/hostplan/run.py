"""The messages of cases.txt against those in golden/.

usage: run.py GEARBOX_HOSTPLAN [--write]

--write makes them anew: look at the difference before it is committed.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
WIDTH = 110
TABLES = {
    "t.csv": "a,b,c,d\n1,x,1.5,2024-01-01\n2,y,2.5,2024-02-01\n3,x,,2024-03-01\n",
    "u.csv": "k,v\n1,one\n3,three\n",
}


def cases():
    for line in (HERE / "cases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, sql = line.split(": ", 1)
            yield name, sql


def steady(value):
    """What depends on the file's time or the reader's guess is left out."""
    if isinstance(value, dict):
        return {k: steady(v) for k, v in value.items()
                if k not in ("fingerprint", "size_bytes", "row_count", "csv", "pos", "text")}
    if isinstance(value, list):
        return [steady(v) for v in value]
    return value


def pretty(value, indent=0):
    """One line for what fits, else one for each member."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + len(flat) <= WIDTH or not isinstance(value, (dict, list)):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        items = [f"{pad}{json.dumps(k)}: {pretty(v, indent + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + pretty(v, indent + 1) for v in value) + "\n" + " " * indent + "]"


def message(program, folder, sql):
    command = [program, sql, "--passes", "prune,merge,null_safe", "--now", "1700000000000000", "--seed",
               "7"]
    for name in TABLES:
        command += ["--table", f"{name[0]}={name}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        return f"exit {done.returncode}: {done.stderr.strip()}"
    return pretty(steady(json.loads(done.stdout)))


def main():
    program, write = sys.argv[1], "--write" in sys.argv[2:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in TABLES.items():
            (pathlib.Path(folder) / name).write_text(text)
        for name, sql in cases():
            path = HERE / "golden" / f"{name}.json"
            came = message(program, folder, sql) + "\n"
            if write:
                path.parent.mkdir(exist_ok=True)
                path.write_text(came)
            elif not path.exists() or path.read_text() != came:
                failed += 1
                print(f"not ok: {name}\n  {sql}\n{came}")
    wanted = {name for name, _ in cases()}
    for path in sorted((HERE / "golden").glob("*.json")):
        if path.stem not in wanted:
            failed += 1
            print(f"not ok: {path.name} belongs to no case")
    print(f"{len(wanted)} messages, {failed} differ")
    return 1 if failed else 0


sys.exit(main())
