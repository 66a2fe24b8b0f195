"""The engines, by name. An engine's module is loaded only when it is asked for."""
import importlib
import re

from ..errors import HostError


def load(name: str):
    """The class of an engine: `Engine` of the module of that name."""
    if not re.fullmatch('[a-z][a-z0-9_]*', name):
        raise HostError('not_found', f"there is no engine '{name[:40]}'")
    try:
        module = importlib.import_module(f'{__name__}.{name}')
    except ModuleNotFoundError as error:
        if error.name == f'{__name__}.{name}':
            raise HostError('not_found', f"there is no engine '{name}'") from error
        missing = f'{name}: the package {error.name} is not installed'
        raise HostError('not_found', missing) from error
    return module.Engine
