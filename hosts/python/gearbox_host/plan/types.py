"""The types of a plan: text ↔ Type ↔ Arrow ↔ DuckDB's SQL.

    parse('decimal(15,2)')          Type(kind='decimal', precision=15, scale=2)
    .arrow                          decimal128(15, 2)
    .sql                            DECIMAL(15,2)

What Arrow has no type for (uuid, json, bit, …) is a storage type whose field says so in its
metadata: pyarrow's own extension types are taken out of its registry, so no array ever has one.
"""
from __future__ import annotations

import functools
from dataclasses import dataclass

import pyarrow as pa

PLAIN = ('null', 'bool', 'int8', 'int16', 'int32', 'int64', 'int128', 'uint8', 'uint16', 'uint32',
         'uint64', 'uint128', 'float32', 'float64', 'utf8', 'binary', 'date', 'timetz',
         'interval', 'uuid', 'bit', 'bignum', 'json', 'variant', 'geometry')
KINDS = PLAIN + ('decimal', 'time', 'timestamp', 'enum', 'list', 'array', 'struct', 'map', 'union')
UNITS = ('s', 'ms', 'us', 'ns')
MAX_DEPTH = 250
BITS = {'int8': 8, 'int16': 16, 'int32': 32, 'int64': 64, 'int128': 128,
        'uint8': 8, 'uint16': 16, 'uint32': 32, 'uint64': 64, 'uint128': 128}


def forget_extension_types() -> None:
    """From here on Arrow data keeps its storage types, and the name of the extension beside it."""
    for name in ('arrow.uuid', 'arrow.json', 'arrow.opaque', 'arrow.bool8',
                 'arrow.fixed_shape_tensor'):
        try:
            pa.unregister_extension_type(name)
        except (pa.ArrowException, KeyError):
            pass  # this pyarrow does not know it


forget_extension_types()


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: 'Type'


@dataclass(frozen=True)
class Type:
    kind: str
    precision: int = 0
    scale: int = 0
    unit: str = ''                  # time, timestamp
    zone: bool = False
    size: int = 0                   # array
    fields: tuple[Field, ...] = ()  # list, array: 1; map: 2; struct, union: any
    values: tuple[str, ...] = ()    # enum

    def __str__(self) -> str:
        return _text(self)

    @property
    def item(self) -> 'Type':
        return self.fields[0].type

    @functools.cached_property
    def arrow(self) -> pa.DataType:
        """The storage type; what it holds in truth is in the field, see to_field."""
        return _to_arrow(self)

    @functools.cached_property
    def sql(self) -> str:
        return _to_sql(self)

    @property
    def is_integer(self) -> bool:
        return self.kind in BITS

    @property
    def is_signed(self) -> bool:
        return self.kind.startswith('int') and self.kind in BITS

    @property
    def is_float(self) -> bool:
        return self.kind in ('float32', 'float64')

    @property
    def is_nested(self) -> bool:
        return self.kind in ('list', 'array', 'struct', 'map', 'union')

    @functools.cached_property
    def kinds(self) -> frozenset[str]:
        """Its kind and those of all that it holds."""
        return frozenset({self.kind}).union(*(field.type.kinds for field in self.fields))

    def int_range(self) -> tuple[int, int]:
        bits = BITS[self.kind]
        if self.is_signed:
            return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        return 0, (1 << bits) - 1


# ---- text ------------------------------------------------------------------------------------

def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote


def _text(t: Type) -> str:
    if t.kind == 'decimal':
        return f'decimal({t.precision},{t.scale})'
    if t.kind == 'time':
        return f'time({t.unit})'
    if t.kind == 'timestamp':
        return f'timestamp({t.unit}{", zone" if t.zone else ""})'
    if t.kind == 'enum':
        return f'enum<{", ".join(_quoted(v, chr(39)) for v in t.values)}>'
    if t.kind in ('list', 'map'):
        return f'{t.kind}<{", ".join(str(f.type) for f in t.fields)}>'
    if t.kind == 'array':
        return f'array<{t.item}, {t.size}>'
    if t.kind in ('struct', 'union'):
        is_named = t.kind == 'union' or any(f.name for f in t.fields)
        names = [_quoted(f.name, '"') + ': ' if is_named else '' for f in t.fields]
        return f'{t.kind}<{", ".join(name + str(f.type) for name, f in zip(names, t.fields))}>'
    return t.kind


_WORD = frozenset('abcdefghijklmnopqrstuvwxyz0123456789')


class _Parser:
    def __init__(self, text: str):
        self.text, self.at = text, 0

    def fail(self, what: str):
        raise ValueError(f'not a type: {what} at {self.at} of {self.text[:80]!r}')

    def skip(self):
        while self.at < len(self.text) and self.text[self.at] == ' ':
            self.at += 1

    def peek(self, char: str) -> bool:
        self.skip()
        return self.text.startswith(char, self.at)

    def accept(self, char: str) -> bool:
        if not self.peek(char):
            return False
        self.at += 1
        return True

    def expect(self, char: str):
        if not self.accept(char):
            self.fail(f"'{char}' expected")

    def word(self) -> str:
        self.skip()
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in _WORD:
            self.at += 1
        return self.text[start:self.at]

    def number(self, most: int) -> int:
        word = self.word()
        if not word.isdigit() or len(word) > 10 or int(word) > most:
            self.fail(f'a number up to {most} expected')
        return int(word)

    def quoted(self, quote: str) -> str:
        self.expect(quote)
        out, text = [], self.text
        while True:
            end = text.find(quote, self.at)
            if end < 0:
                self.fail('the quotes do not end')
            out.append(text[self.at:end])
            self.at = end + 1
            if not text.startswith(quote, self.at):
                return quote.join(out)
            self.at += 1

    def items(self, one) -> tuple:
        self.expect('<')
        found = []
        while not self.peek('>') or found:
            found.append(one())
            if not self.accept(','):
                break
        self.expect('>')
        return tuple(found)

    def field(self, depth: int) -> Field:
        name = ''
        if self.peek('"'):
            name = self.quoted('"')
            self.expect(':')
        return Field(name, self.type(depth))

    def type(self, depth: int = 0) -> Type:
        if depth >= MAX_DEPTH:
            self.fail('nested too deeply')
        kind = self.word()
        if kind in PLAIN:
            return Type(kind)
        read = getattr(self, 'type_' + kind, None) if kind in KINDS else None
        return read(depth + 1) if read else self.fail('the name of a type expected')

    def type_decimal(self, _depth) -> Type:
        self.expect('(')
        precision = self.number(38)
        if precision == 0:
            self.fail('a precision of 1 to 38 expected')
        self.expect(',')
        scale = self.number(precision)
        self.expect(')')
        return Type('decimal', precision=precision, scale=scale)

    def unit(self, units) -> str:
        word = self.word()
        if word not in units:
            self.fail(f'a unit expected: {", ".join(units)}')
        return word

    def type_time(self, _depth) -> Type:
        unit = 'us'
        if self.accept('('):
            unit = self.unit(('us', 'ns'))
            self.expect(')')
        return Type('time', unit=unit)

    def type_timestamp(self, _depth) -> Type:
        unit, zone = 'us', False
        if self.accept('('):
            unit = self.unit(UNITS)
            if self.accept(','):
                zone = self.word() == 'zone' or self.fail("'zone' expected")
            self.expect(')')
        return Type('timestamp', unit=unit, zone=zone)

    def type_enum(self, _depth) -> Type:
        return Type('enum', values=self.items(lambda: self.quoted("'")))

    def type_list(self, depth) -> Type:
        self.expect('<')
        item = self.type(depth)
        self.expect('>')
        return list_of(item)

    def type_array(self, depth) -> Type:
        self.expect('<')
        item = self.type(depth)
        self.expect(',')
        size = self.number(0xffffffff)
        self.expect('>')
        return Type('array', size=size, fields=(Field('', item),))

    def type_map(self, depth) -> Type:
        self.expect('<')
        key = self.type(depth)
        self.expect(',')
        value = self.type(depth)
        self.expect('>')
        return Type('map', fields=(Field('', key), Field('', value)))

    def type_struct(self, depth) -> Type:
        return Type('struct', fields=self.items(lambda: self.field(depth)))

    def type_union(self, depth) -> Type:
        return Type('union', fields=self.items(lambda: self.field(depth)))


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Type:
    """ValueError with the place when it is not one."""
    parser = _Parser(text)
    found = parser.type()
    parser.skip()
    if parser.at != len(text):
        parser.fail('the end expected')
    return found


def list_of(item: Type) -> Type:
    return Type('list', fields=(Field('', item),))


# ---- Arrow -----------------------------------------------------------------------------------

_ARROW = {
    'null': pa.null(), 'bool': pa.bool_(), 'int8': pa.int8(), 'int16': pa.int16(),
    'int32': pa.int32(), 'int64': pa.int64(), 'uint8': pa.uint8(), 'uint16': pa.uint16(),
    'uint32': pa.uint32(), 'uint64': pa.uint64(), 'float32': pa.float32(),
    'float64': pa.float64(), 'utf8': pa.string(), 'binary': pa.binary(), 'date': pa.date32(),
    'interval': pa.month_day_nano_interval(), 'int128': pa.decimal128(38, 0),
    'uint128': pa.binary(16), 'timetz': pa.binary(8), 'uuid': pa.binary(16), 'bit': pa.binary(),
    'bignum': pa.binary(), 'json': pa.string(), 'geometry': pa.binary(),
}
_OPAQUE = {'uint128': 'uhugeint', 'timetz': 'time_tz', 'bit': 'bit', 'bignum': 'bignum'}
_EXTENSIONS = {'uuid': ('arrow.uuid', ''), 'json': ('arrow.json', ''),
               'variant': ('arrow.parquet.variant', ''), 'geometry': ('geoarrow.wkb', '{}')}
_EXTENSIONS.update({kind: ('arrow.opaque', f'{{"type_name":"{name}","vendor_name":"DuckDB"}}')
                    for kind, name in _OPAQUE.items()})


def field_metadata(t: Type) -> dict[str, str] | None:
    if t.kind not in _EXTENSIONS:
        return None
    name, parameters = _EXTENSIONS[t.kind]
    return {'ARROW:extension:name': name, 'ARROW:extension:metadata': parameters}


def to_field(name: str, t: Type, nullable: bool = True) -> pa.Field:
    return pa.field(name, t.arrow, nullable=nullable, metadata=field_metadata(t))


def to_schema(columns) -> pa.Schema:
    """Of (name, type) pairs."""
    return pa.schema([to_field(name, t) for name, t in columns])


def enum_index(t: Type) -> pa.DataType:
    """As DuckDB chooses the width of an enum's codes."""
    n = len(t.values)
    return pa.uint8() if n <= 0xff else pa.uint16() if n <= 0xffff else pa.uint32()


def field_names(t: Type) -> list[str]:
    """A row's fields have no names; Arrow wants them told apart."""
    return [field.name or f'element{i + 1}' for i, field in enumerate(t.fields)]


def _to_arrow(t: Type) -> pa.DataType:
    if t.kind in _ARROW:
        return _ARROW[t.kind]
    if t.kind == 'decimal':
        return pa.decimal128(t.precision, t.scale)
    if t.kind == 'time':
        return pa.time64(t.unit)
    if t.kind == 'timestamp':
        return pa.timestamp(t.unit, 'UTC' if t.zone else None)
    if t.kind == 'enum':
        return pa.dictionary(enum_index(t), pa.string())
    if t.kind == 'list':
        return pa.list_(to_field('item', t.item))
    if t.kind == 'array':
        return pa.list_(to_field('item', t.item), t.size)
    if t.kind == 'map':
        key = to_field('key', t.fields[0].type, False)
        return pa.map_(key, to_field('value', t.fields[1].type))
    if t.kind == 'variant':
        return pa.struct([pa.field('metadata', pa.binary()), pa.field('value', pa.binary())])
    children = [to_field(name, f.type) for name, f in zip(field_names(t), t.fields)]
    return pa.struct(children) if t.kind == 'struct' else pa.sparse_union(children)


# ---- DuckDB's SQL ----------------------------------------------------------------------------

_SQL = {
    'null': '"NULL"', 'bool': 'BOOLEAN', 'int8': 'TINYINT', 'int16': 'SMALLINT',
    'int32': 'INTEGER', 'int64': 'BIGINT', 'int128': 'HUGEINT', 'uint8': 'UTINYINT',
    'uint16': 'USMALLINT', 'uint32': 'UINTEGER', 'uint64': 'UBIGINT', 'uint128': 'UHUGEINT',
    'float32': 'FLOAT', 'float64': 'DOUBLE', 'utf8': 'VARCHAR', 'binary': 'BLOB', 'date': 'DATE',
    'timetz': 'TIME WITH TIME ZONE', 'interval': 'INTERVAL', 'uuid': 'UUID', 'bit': 'BIT',
    'bignum': 'BIGNUM', 'json': 'JSON', 'variant': 'VARIANT', 'geometry': 'GEOMETRY',
}
_SQL_TIMESTAMP = {'s': 'TIMESTAMP_S', 'ms': 'TIMESTAMP_MS', 'us': 'TIMESTAMP', 'ns': 'TIMESTAMP_NS'}


def _to_sql(t: Type) -> str:
    if t.kind in _SQL:
        return _SQL[t.kind]
    if t.kind == 'decimal':
        return f'DECIMAL({t.precision},{t.scale})'
    if t.kind == 'time':
        return 'TIME_NS' if t.unit == 'ns' else 'TIME'
    if t.kind == 'timestamp':
        if t.zone:
            return 'TIMESTAMPTZ_NS' if t.unit == 'ns' else 'TIMESTAMP WITH TIME ZONE'
        return _SQL_TIMESTAMP[t.unit]
    if t.kind == 'enum':
        return f'ENUM({", ".join(_quoted(v, chr(39)) for v in t.values)})'
    if t.kind == 'list':
        return f'{t.item.sql}[]'
    if t.kind == 'array':
        return f'{t.item.sql}[{t.size}]'
    if t.kind == 'map':
        return f'MAP({t.fields[0].type.sql}, {t.fields[1].type.sql})'
    if t.kind == 'struct' and not any(f.name for f in t.fields):
        return f'TUPLE({", ".join(f.type.sql for f in t.fields)})'
    parts = [_quoted(f.name, '"') + ' ' + f.type.sql for f in t.fields]
    return f'{t.kind.upper()}({", ".join(parts)})'


def wide_sql(t: Type) -> str:
    """As above for what leaves as Arrow: int128 has no type there but a decimal."""
    return _to_sql(t) if 'int128' not in t.kinds else _to_sql(_widen(t))


def _widen(t: Type) -> Type:
    if t.kind == 'int128':
        return Type('decimal', precision=38, scale=0)
    fields = tuple(Field(f.name, _widen(f.type)) for f in t.fields)
    return Type(t.kind, t.precision, t.scale, t.unit, t.zone, t.size, fields, t.values)
