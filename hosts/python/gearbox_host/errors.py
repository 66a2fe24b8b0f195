"""What can go wrong: one class with a code, and what an engine's exceptions become.

Messages are one line. No row's value and no parameter's value is in one: texts of libraries are
cleaned of what stands in quotes or behind a number.
"""
import re

CODES = ('unsupported', 'invalid', 'not_found', 'corrupt', 'io', 'out_of_memory', 'cancelled',
         'engine', 'protocol')
MAX_LINE = 400


class HostError(Exception):
    def __init__(self, code: str, message: str, detail: str | None = None):
        assert code in CODES, code
        super().__init__(message)
        self.code = code
        self.message = one_line(message)
        self.detail = detail


def unsupported(what: str) -> HostError:
    return HostError('unsupported', what)


def invalid(what: str) -> HostError:
    return HostError('invalid', what)


def one_line(text: str) -> str:
    line = ' '.join(text.split())
    return line if len(line) <= MAX_LINE else line[:MAX_LINE - 1] + '…'


_QUOTED = re.compile(r"'(?:[^']|'')*'")
_OPERANDS = re.compile(r'\s*\((?:[^()]|\([^()]*\))*\)(?=!|\s*$)')
_VALUE = re.compile(r'(with value|value of|decimal value|value|number|input) -?[\d.][\d.eE+-]*')
_CLASS = re.compile(r'^[A-Z][A-Za-z ]* Error: ')


def clean(text: str) -> str:
    """The first line of a library's message, without the values in it."""
    lines = [line for line in text.splitlines() if line.strip()]
    line = _CLASS.sub('', lines[0]) if lines else 'no message'
    return one_line(_VALUE.sub(r'\1 …', _OPERANDS.sub('', _QUOTED.sub("'…'", line))))


# Exceptions by the name of their class: the libraries need not be loaded to know them.
_BY_NAME = {
    'OutOfMemoryException': 'out_of_memory',
    'InterruptException': 'cancelled',
    'ConversionException': 'invalid',
    'InvalidInputException': 'invalid',
    'OutOfRangeException': 'invalid',
    'ConstraintException': 'invalid',
    'InvalidTypeException': 'invalid',
    'TypeMismatchException': 'invalid',
    'NotImplementedException': 'unsupported',
    'IOException': 'io',
    'ArrowMemoryError': 'out_of_memory',
    'ArrowCancelled': 'cancelled',
    'ArrowNotImplementedError': 'unsupported',
}


def from_exception(error: BaseException) -> HostError:
    """What the other side is told of any exception."""
    found = find_host_error(error)
    if found:
        return found
    if isinstance(error, MemoryError):
        return HostError('out_of_memory', 'out of memory in the engine')
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_NAME:
            return HostError(_BY_NAME[kind.__name__], clean(str(error)))
    if isinstance(error, FileNotFoundError):
        return HostError('not_found', f'{error.filename or "a file"}: no such file')
    if isinstance(error, OSError):
        return HostError('io', f'{error.filename or "input"}: {error.strerror or "failed"}')
    return HostError('engine', f'{type(error).__name__}: {clean(str(error))}')


def find_host_error(error: BaseException) -> HostError | None:
    """An error of ours that a library wrapped on its way."""
    seen = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, HostError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
