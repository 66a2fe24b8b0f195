"""JSON → nodes. Strict: a key, a kind or a value that is not known is refused by name and place.

What is checked here is the form. That a plan holds together was checked by the one who sent it.
"""
from __future__ import annotations

import sys
from typing import Any

from ..errors import HostError
from . import nodes as n
from . import types

PLAN_VERSION, SEMANTICS = 1, 1
MAX_DEPTH = 1000
MAX_ID = (1 << 20) - 1

JOINS = ('inner', 'left', 'right', 'full', 'semi', 'anti', 'cross', 'single', 'mark', 'positional')
SETOPS = ('union', 'intersect', 'except')
METHODS = ('system', 'bernoulli', 'reservoir')
FORMATS = ('csv', 'parquet', 'json', 'arrow_ipc', 'stream', 'sqlite', 'xlsx', 'table')
BOUNDS = ('unbounded_preceding', 'preceding', 'current_row', 'following', 'unbounded_following')


class Fields:
    """An object that is read key by key; what nobody asked for is refused at the end."""

    def __init__(self, value: Any, place: str):
        self.place = place
        if not isinstance(value, dict):
            self.fail('an object expected')
        self.left = dict(value)

    def fail(self, what: str, key: str = ''):
        place = f'{self.place}.{key}' if key else self.place
        raise HostError('protocol', f'plan JSON: {what} at {place}')

    def take(self, key: str, kind, default: Any = ...) -> Any:
        value = self.left.pop(key, ...)
        if value is ...:
            if default is ...:
                self.fail(f"key '{key}' is missing")
            return default
        is_wrong_bool = isinstance(value, bool) and kind in (int, float, (int, float))
        if not isinstance(value, kind) or is_wrong_bool:
            self.fail('a value of another kind expected', key)
        return value

    def text(self, key: str, default: Any = ...) -> str:
        value = self.take(key, (str, dict), default)
        return as_text(value, self, key) if isinstance(value, dict) else value

    def texts(self, key: str) -> list[str]:
        found = self.take(key, list, [])
        return [as_text(one, self, key) if isinstance(one, dict) else self.is_text(one, key)
                for one in found]

    def is_text(self, value: Any, key: str) -> str:
        return value if isinstance(value, str) else self.fail('a text expected', key)

    def flag(self, key: str) -> bool:
        return self.take(key, bool, False)

    def one_of(self, key: str, choices, default: Any = ...) -> str:
        value = self.take(key, str, default)
        if value is not default and value not in choices:
            self.fail(f"'{value[:40]}' is not known", key)
        return value

    def number(self, key: str, default: Any = ..., most: int | None = None) -> int:
        value = self.take(key, (int, str), default)
        if value is default:
            return value
        if isinstance(value, bool) or (isinstance(value, str) and not is_integer(value)):
            self.fail('an integer expected', key)
        value = int(value)
        if most is not None and not 0 <= value <= most:
            self.fail('a number out of range', key)
        return value

    def numbers(self, key: str, default: Any = ...) -> list[int]:
        return [self.is_index(one, key) for one in self.take(key, list, default)]

    def is_index(self, value: Any, key: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        return self.fail('a number of 0 or more expected', key)

    def type(self, key: str = 'type') -> types.Type:
        text = self.take(key, str)
        try:
            return types.parse(text)
        except ValueError as error:
            return self.fail(str(error), key)

    def pos(self) -> None:
        self.take('pos', list, None)

    def end(self) -> None:
        for key in self.left:
            self.fail(f"'{key[:40]}' is not known", key[:40])


def is_integer(text: str) -> bool:
    digits = text[1:] if text[:1] == '-' else text
    return digits.isascii() and digits.isdigit()


def as_text(value: dict, fields: Fields, key: str) -> str:
    """{"hex": …}: bytes that are no UTF-8; as the file system's names are held in Python."""
    hexed = value.get('hex')
    if len(value) != 1 or not isinstance(hexed, str):
        fields.fail('a text expected', key)
    try:
        return bytes.fromhex(hexed).decode('utf-8', 'surrogateescape')
    except ValueError:
        return fields.fail('hexadecimal digits expected', key)


# ---- expressions -----------------------------------------------------------------------------

class Decoder:
    def __init__(self):
        self.shared: dict[int, n.Node] = {}
        self.ctes: dict[int, n.Node] = {}
        self.depth = 0

    def exprs(self, fields: Fields, key: str, default: Any = ()) -> list[n.Expr]:
        found = fields.take(key, list, list(default) if default is not ... else ...)
        return [self.expr(one, f'{fields.place}.{key}[{i}]') for i, one in enumerate(found)]

    def maybe_expr(self, fields: Fields, key: str) -> n.Expr | None:
        found = fields.take(key, dict, None)
        return self.expr(found, f'{fields.place}.{key}') if found is not None else None

    def keys(self, fields: Fields, key: str, default: Any = ()) -> list[n.SortKey]:
        found = fields.take(key, list, list(default) if default is not ... else ...)
        return [self.sort_key(one, f'{fields.place}.{key}[{i}]') for i, one in enumerate(found)]

    def sort_key(self, value: Any, place: str) -> n.SortKey:
        fields = Fields(value, place)
        expr = self.expr(fields.take('expr', dict), place + '.expr')
        key = n.SortKey(expr, fields.flag('desc'), fields.flag('nulls_first'))
        fields.end()
        return key

    def expr(self, value: Any, place: str) -> n.Expr:
        if self.depth >= MAX_DEPTH:
            raise HostError('protocol', f'plan JSON: nested more than {MAX_DEPTH} deep at {place}')
        fields = Fields(value, place)
        kind = fields.take('ex', str)
        read = getattr(self, 'ex_' + kind, None)
        if read is None:
            fields.fail(f"'{kind[:40]}' is not known", 'ex')
        fields.pos()
        self.depth += 1
        expr = n.Expr(kind, fields.type(), duckdb=fields.take('duckdb', str, None))
        read(fields, expr)
        self.depth -= 1
        fields.end()
        return expr

    def ex_column(self, fields: Fields, expr: n.Expr) -> None:
        expr.col = fields.number('col', most=MAX_ID)

    def ex_const(self, fields: Fields, expr: n.Expr) -> None:
        expr.value = fields.take('value', object)

    def ex_param(self, fields: Fields, expr: n.Expr) -> None:
        expr.name = fields.text('name')

    def ex_cast(self, fields: Fields, expr: n.Expr) -> None:
        expr.is_try = fields.flag('try')
        expr.args = self.exprs(fields, 'args', ...)

    def ex_call(self, fields: Fields, expr: n.Expr) -> None:
        expr.fn = fields.text('fn')
        expr.args = self.exprs(fields, 'args')
        expr.arg_names = fields.texts('arg_names') or None

    def ex_case(self, fields: Fields, expr: n.Expr) -> None:
        expr.args = self.exprs(fields, 'args', ...)
        if len(expr.args) < 3 or len(expr.args) % 2 == 0:
            fields.fail('a case without an else or a branch', 'args')

    def ex_lambda(self, fields: Fields, expr: n.Expr) -> None:
        expr.params = tuple(fields.numbers('params'))
        expr.args = self.exprs(fields, 'args', ...)

    def ex_unnest(self, fields: Fields, expr: n.Expr) -> None:
        expr.args = self.exprs(fields, 'args', ...)

    def ex_agg(self, fields: Fields, expr: n.Expr) -> None:
        self.ex_call(fields, expr)
        expr.spec = n.AggSpec(fields.flag('distinct'), fields.flag('state'),
                              self.maybe_expr(fields, 'filter'), self.keys(fields, 'order'))

    def ex_window(self, fields: Fields, expr: n.Expr) -> None:
        self.ex_call(fields, expr)
        expr.spec = n.WindowSpec(
            aggregate=fields.flag('aggregate'),
            partitions=self.exprs(fields, 'partitions'),
            order=self.keys(fields, 'order'),
            unit=fields.one_of('unit', ('rows', 'range', 'groups')),
            start=fields.one_of('start', BOUNDS), end=fields.one_of('end', BOUNDS),
            start_offset=self.maybe_expr(fields, 'start_offset'),
            end_offset=self.maybe_expr(fields, 'end_offset'),
            exclude=fields.one_of('exclude', ('current_row', 'group', 'ties'), ''),
            distinct=fields.flag('distinct'), ignore_nulls=fields.flag('ignore_nulls'),
            filter=self.maybe_expr(fields, 'filter'),
            arg_order=self.keys(fields, 'arg_order'))

    # ---- nodes -------------------------------------------------------------------------------

    def node(self, value: Any, place: str) -> n.Node:
        fields = Fields(value, place)
        op = fields.take('op', str)
        if op == 'shared':
            return self.find_shared(fields)
        read = getattr(self, 'op_' + op, None)
        if read is None:
            fields.fail(f"'{op[:40]}' is not known", 'op')
        fields.pos()
        share = fields.number('share', 0, most=MAX_ID)
        if self.depth >= MAX_DEPTH:
            fields.fail(f'nested more than {MAX_DEPTH} deep')
        self.depth += 1
        inputs = self.node_inputs(fields, op)
        self.depth -= 1
        node = read(fields, inputs, self.cols(fields))
        fields.end()
        if share:
            self.shared[share] = node
        return node

    def find_shared(self, fields: Fields) -> n.Node:
        share = fields.number('share', most=MAX_ID)
        fields.end()
        if share not in self.shared:
            fields.fail('no operator before has the number', 'share')
        return self.shared[share]

    def node_inputs(self, fields: Fields, op: str) -> list[n.Node]:
        found = fields.take('inputs', list, [])
        least, most = ARITY[op]
        if not least <= len(found) <= (most if most is not None else len(found)):
            fields.fail('another number of inputs expected', 'inputs')
        nodes = []
        for i, one in enumerate(found):
            nodes.append(self.node(one, f'{fields.place}.inputs[{i}]'))
        return nodes

    def cols(self, fields: Fields) -> list[n.Col]:
        found = fields.take('cols', list, [])
        return [self.col(one, f'{fields.place}.cols[{i}]') for i, one in enumerate(found)]

    def col(self, value: Any, place: str) -> n.Col:
        fields = Fields(value, place)
        col = n.Col(fields.number('id', most=MAX_ID), fields.type(), fields.text('name', ''))
        fields.end()
        return col

    def op_scan(self, f: Fields, inputs, cols) -> n.Node:
        source = self.source(f.take('scan', dict), f.place + '.scan')
        indexes = []
        for one in f.take('fields', list):
            is_rowid = one == 'rowid'
            indexes.append(n.ROWID if is_rowid else f.is_index(one, 'fields'))
            if not is_rowid and one >= len(source.fields):
                f.fail('a field that the source does not have', 'fields')
        self.check_count(f, 'fields', len(indexes), len(cols))
        return n.Scan(inputs, cols, source, indexes)

    def check_count(self, f: Fields, key: str, count: int, wanted: int) -> None:
        if count != wanted:
            f.fail(f'{wanted} items expected', key)

    def op_values(self, f: Fields, inputs, cols) -> n.Node:
        rows = []
        for i, row in enumerate(f.take('rows', list)):
            if not isinstance(row, list) or len(row) != len(cols):
                f.fail(f'{len(cols)} items expected', f'rows[{i}]')
            rows.append([self.expr(one, f'{f.place}.rows[{i}][{j}]') for j, one in enumerate(row)])
        return n.Values(inputs, cols, rows)

    def op_filter(self, f: Fields, inputs, _cols) -> n.Node:
        return n.Filter(inputs, inputs[0].cols, self.exprs(f, 'conjuncts', ...))

    def op_project(self, f: Fields, inputs, cols) -> n.Node:
        items = self.exprs(f, 'exprs')
        self.check_count(f, 'exprs', len(items), len(cols))
        return n.Project(inputs, cols, items)

    def op_aggregate(self, f: Fields, inputs, cols) -> n.Node:
        groups, aggs = self.exprs(f, 'groups'), self.exprs(f, 'aggs')
        sets, grouping = self.index_lists(f, 'sets'), self.index_lists(f, 'grouping')
        if any(i >= len(groups) for one in sets + grouping for i in one):
            f.fail('a set names a group that is not there', 'sets')
        self.check_count(f, 'cols', len(groups) + len(aggs) + len(grouping), len(cols))
        return n.Aggregate(inputs, cols, groups, aggs, sets, grouping)

    def index_lists(self, f: Fields, key: str) -> list[list[int]]:
        found = f.take(key, list, [])
        if not all(isinstance(one, list) for one in found):
            f.fail('arrays of numbers expected', key)
        return [[f.is_index(i, key) for i in one] for one in found]

    def op_join(self, f: Fields, inputs, cols) -> n.Node:
        kind = f.one_of('join', JOINS)
        passed = list(inputs[0].cols)
        if kind not in ('semi', 'anti', 'mark'):
            passed += inputs[1].cols
        self.check_count(f, 'cols', len(cols), 1 if kind == 'mark' else 0)
        return n.Join(inputs, passed + cols, kind, f.flag('asof'), self.exprs(f, 'on'))

    def sorted(self, which: str, f: Fields, inputs) -> n.Node:
        return n.Sort(inputs, inputs[0].cols, which, self.keys(f, 'keys'),
                      self.maybe_expr(f, 'limit'), self.maybe_expr(f, 'offset'), f.flag('percent'))

    def op_sort(self, f: Fields, inputs, _cols) -> n.Node:
        return self.sorted('sort', f, inputs)

    def op_limit(self, f: Fields, inputs, _cols) -> n.Node:
        return self.sorted('limit', f, inputs)

    def op_topn(self, f: Fields, inputs, _cols) -> n.Node:
        return self.sorted('topn', f, inputs)

    def op_distinct(self, f: Fields, inputs, _cols) -> n.Node:
        return n.Distinct(inputs, inputs[0].cols, self.exprs(f, 'on'), self.keys(f, 'order'))

    def op_setop(self, f: Fields, inputs, cols) -> n.Node:
        return n.SetOp(inputs, cols, f.one_of('setop', SETOPS), f.flag('all'))

    def op_window(self, f: Fields, inputs, cols) -> n.Node:
        items = self.exprs(f, 'exprs', ...)
        self.check_count(f, 'cols', len(cols), len(items))
        return n.Window(inputs, inputs[0].cols + cols, items)

    def op_unnest(self, f: Fields, inputs, cols) -> n.Node:
        items = self.exprs(f, 'exprs', ...)
        self.check_count(f, 'cols', len(cols), len(items))
        return n.Unnest(inputs, inputs[0].cols + cols, items)

    def op_sample(self, f: Fields, inputs, _cols) -> n.Node:
        return n.Sample(inputs, inputs[0].cols, f.one_of('method', METHODS),
                        float(f.take('amount', (int, float))), f.flag('percent'),
                        f.number('seed', None))

    def op_pivot(self, f: Fields, inputs, cols) -> n.Node:
        return n.Pivot(inputs, cols, f.number('n_groups', 0, most=MAX_ID),
                       f.number('n_aggs', 0, most=MAX_ID), f.texts('labels'),
                       self.exprs(f, 'defaults'))

    def op_cte(self, f: Fields, inputs, _cols) -> n.Node:
        return n.Cte(inputs, inputs[1].cols, f.number('cte', most=MAX_ID), f.text('name', ''),
                     f.flag('materialized'))

    def op_cte_ref(self, f: Fields, inputs, cols) -> n.Node:
        fields = f.numbers('fields')
        self.check_count(f, 'fields', len(fields), len(cols))
        return n.CteRef(inputs, cols, f.number('cte', most=MAX_ID), fields)

    def op_recursive(self, f: Fields, inputs, cols) -> n.Node:
        return n.Recursive(inputs, cols, f.number('cte', most=MAX_ID), f.text('name', ''),
                           f.flag('all'))

    def op_table_fn(self, f: Fields, inputs, cols) -> n.Node:
        passed = list(inputs[0].cols) if inputs else []
        return n.TableFn(inputs, passed + cols, f.text('fn'), self.exprs(f, 'args'),
                         f.texts('arg_names') or None, self.named_types(f, 'fields'),
                         f.numbers('used'), f.flag('ordinality'))

    def op_call(self, f: Fields, inputs, cols) -> n.Node:
        code = f.take('code', str, '')
        return n.Call(inputs, cols, f.text('language'), f.text('entry', ''), bytes.fromhex(code),
                      f.text('digest', ''), f.text('batch_form', ''), f.flag('pure'))

    def op_sink(self, f: Fields, inputs, cols) -> n.Node:
        return n.Sink(inputs, cols, f.text('format', ''), f.text('path', ''))

    # ---- sources -----------------------------------------------------------------------------

    def named_types(self, f: Fields, key: str) -> list[tuple[str, types.Type]]:
        return [named_type(one, f'{f.place}.{key}[{i}]') for i, one in enumerate(f.take(key, list))]

    def source(self, value: Any, place: str) -> n.Source:
        f = Fields(value, place)
        source = n.Source(
            format=f.one_of('format', FORMATS), fields=self.named_types(f, 'fields'),
            name=f.text('name', ''), paths=f.texts('paths'), partitions=f.number('partitions', 0),
            union_by_name=f.flag('union_by_name'), hive_partitioning=f.flag('hive_partitioning'),
            filename_column=f.text('filename_column', ''), row_count=f.number('row_count', None),
            row_count_exact=f.flag('row_count_exact'), size_bytes=f.number('size_bytes', None))
        stats = f.take('stats', list, None)
        if stats is not None:
            self.check_count(f, 'stats', len(stats), len(source.fields))
            source.stats = [self.stats(one, f'{place}.stats[{i}]') for i, one in enumerate(stats)]
        for key in ('location', 'csv', 'compression', 'json_layout', 'inner_name', 'options',
                    'unbounded', 'fingerprint'):
            if key in f.left:
                source.rest[key] = f.left.pop(key)
        f.end()
        return source

    def stats(self, value: Any, place: str) -> n.Stats:
        f = Fields(value, place)
        stats = n.Stats(f.number('null_count', None))
        stats.has_min_max = 'min' in f.left and 'max' in f.left
        stats.min, stats.max = f.take('min', object, None), f.take('max', object, None)
        f.end()
        return stats


def named_type(value: Any, place: str) -> tuple[str, types.Type]:
    f = Fields(value, place)
    found = f.text('name'), f.type()
    f.end()
    return found


ARITY: dict[str, tuple[int, int | None]] = {
    'scan': (0, 0), 'cte_ref': (0, 0), 'values': (0, 1), 'table_fn': (0, 1), 'call': (0, 1),
    'join': (2, 2), 'cte': (2, 2), 'recursive': (2, 2), 'setop': (2, None)}
for _op in ('filter', 'project', 'aggregate', 'sort', 'limit', 'topn', 'distinct', 'window',
            'unnest', 'sample', 'pivot', 'sink'):
    ARITY[_op] = (1, 1)


def plan(value: Any) -> n.Node:
    """The root of a plan in its JSON form (already read as JSON)."""
    fields = Fields(value, '$')
    if fields.take('gearbox_plan', int) != PLAN_VERSION:
        raise HostError('protocol', f'plan JSON: version {PLAN_VERSION} expected')
    if fields.take('semantics', int) != SEMANTICS:
        raise HostError('unsupported', f'plan JSON: semantics {SEMANTICS} expected')
    fields.text('text', '')
    root = fields.take('root', dict)
    fields.end()
    # Each level of a plan takes a few frames of Python's stack.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 12 * MAX_DEPTH))
    return Decoder().node(root, '$.root')
