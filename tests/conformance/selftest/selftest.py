#!/usr/bin/env python3
"""The runner can fail: its verdicts on cases that are right, wrong and broken.

    selftest.py PATH/gearbox-conform
"""
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WRONG = {'scalar +/one off', 'scalar +/another type', 'scalar +/NaN is no NULL',
         'scalar +/beyond the tolerance', 'scalar ///succeeds on the engine',
         'operator sort/another order', 'operator limit/fewer than asked for',
         'operator filter/a row too few'}
BROKEN = {'scalar abs/no such function', 'scalar abs/does not fail', 'scalar abs/fails',
          'scalar abs/not of its subject', 'operator join.left/not of its subject',
          'operator join.left/other rows than stated'}


def run(program, folder, *arguments):
    """(exit status, stdout, {id without its file: verdict}, score)"""
    out = pathlib.Path(folder) / 'out.json'
    out.unlink(missing_ok=True)
    done = subprocess.run([program, '--tables', HERE / 'tables.txt', '--json', out, *arguments],
                          capture_output=True, text=True, timeout=300)
    found = json.loads(out.read_text()) if out.exists() else {'cases': [], 'engines': []}
    verdicts = {case['id'].split('/', 1)[1]: case['verdicts']['duckdb']['verdict']
                for case in found['cases']}
    return done, verdicts, found['engines'][0] if found['engines'] else None


def expect(what, have, want):
    if have != want:
        sys.exit(f'{what}: have {have!r}, want {want!r}')


def names(verdicts, verdict):
    return {name for name, v in verdicts.items() if v == verdict}


def check_verdicts(program, folder):
    done, verdicts, engine = run(program, folder, '--subjects', HERE / 'right.cases')
    expect('right: ' + done.stdout, done.returncode, 0)
    expect('right', set(verdicts.values()), {'ok'})
    expect('right: its score', engine['score'], 1)
    for batch in ('40', '1'):
        done, verdicts, engine = run(program, folder, '--batch', batch, HERE / 'wrong.cases')
        expect('wrong', done.returncode, 1)
        expect('wrong', names(verdicts, 'wrong'), WRONG)
        expect('wrong: errors', names(verdicts, 'error'), {'scalar +/fails on the engine'})
        expect('wrong: ok', engine['ok'], 3)
    done, verdicts, _ = run(program, folder, '--subjects', HERE / 'broken.cases')
    expect('broken', done.returncode, 1)
    expect('broken', names(verdicts, 'broken'), BROKEN)
    expect('broken: ok', names(verdicts, 'ok'), {'scalar abs/sound'})


def check_demands(program, folder):
    """Differences that are stated, and floors."""
    differences = pathlib.Path(folder) / 'differences.txt'
    stated = ''.join(f'duckdb wrong/{name} | as stated\n'
                     for name in sorted(WRONG | {'scalar +/fails on the engine'}))
    differences.write_text('# a note\n\n' + stated)
    done, verdicts, engine = run(program, folder, '--differences', differences, HERE / 'wrong.cases')
    expect('stated: ' + done.stdout, done.returncode, 0)
    expect('stated', engine['declared'], len(WRONG) + 1)
    expect('stated: the score', round(engine['score'], 3), 0.25)
    differences.write_text(stated + 'duckdb wrong/scalar +/fine | it does not\n')
    done, _, _ = run(program, folder, '--differences', differences, HERE / 'wrong.cases')
    expect('no longer different', done.returncode, 1)
    expect('no longer different', 'scalar +/fine' in done.stdout, True)
    floors = pathlib.Path(folder) / 'floors.txt'
    for floor, status in (('100', 0), ('100.1', 1)):
        floors.write_text(f'polars 0\nduckdb {floor}\n')
        done, _, _ = run(program, folder, '--floors', floors, HERE / 'right.cases')
        expect(f'a floor of {floor}', done.returncode, status)


def check_uses(program, folder):
    done, verdicts, engine = run(program, folder, '--only', 'a float', HERE / 'right.cases')
    expect('only', (done.returncode, engine['cases'], names(verdicts, 'ok')), (0, 1, {'scalar +/a float'}))
    done, _, _ = run(program, folder, '--only', 'nowhere', HERE / 'right.cases')
    expect('only: none', done.returncode, 1)
    done, _, _ = run(program, folder, '--engines', 'polarz', HERE / 'right.cases')
    expect('no engine', (done.returncode, done.stderr),
           (2, "gearbox-conform: there is no engine 'polarz'\n"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_verdicts(sys.argv[1], folder)
        check_demands(sys.argv[1], folder)
        check_uses(sys.argv[1], folder)
    print('the runner finds what is wrong')


if __name__ == '__main__':
    main()
