"""Stand-in PEP 517 build hooks: an sdist is wanted for its bytes, nothing is built.

`pip download` asks a source package's build back end for its metadata, which for the packages that
set-up fetches means a compiler, meson or numpy. With this folder on PYTHONPATH and
--no-build-isolation, pip finds these hooks under the back ends' names instead: no third-party code
runs, and the metadata is the name and version out of PKG-INFO.
"""
import os
import re


def _metadata(directory, *_args, **_kwargs):
    with open('PKG-INFO', encoding='utf-8') as f:
        head = dict(line.rstrip('\n').split(': ', 1) for line in f
                    if line.startswith(('Name: ', 'Version: ')))
    folder = re.sub(r'[-_.]+', '_', head['Name']) + '-' + head['Version'] + '.dist-info'
    os.makedirs(os.path.join(directory, folder), exist_ok=True)
    with open(os.path.join(directory, folder, 'METADATA'), 'w', encoding='utf-8') as f:
        f.write('Metadata-Version: 2.1\nName: %(Name)s\nVersion: %(Version)s\n' % head)
    with open(os.path.join(directory, folder, 'WHEEL'), 'w', encoding='utf-8') as f:
        f.write('Wheel-Version: 1.0\nGenerator: none\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
    return folder


def _no_requirements(*_args, **_kwargs):
    return []


def _refuse(*_args, **_kwargs):
    raise SystemExit('these hooks only download')


prepare_metadata_for_build_wheel = prepare_metadata_for_build_editable = _metadata
get_requires_for_build_wheel = get_requires_for_build_sdist = _no_requirements
get_requires_for_build_editable = _no_requirements
build_wheel = build_sdist = build_editable = _refuse
