"""The protocol, over a socket, with a host in a process of its own."""
import os
import time
import unittest

import pyarrow as pa

from gearbox_host import wire
from gearbox_host.plan import types
from tests.client import Client, Failed, echo_command

INT = {'name': 'a', 'type': 'int64'}


def job(number, text, columns=(INT,), inputs=()):
    return {'job': number, 'sql': {'text': text, 'tables': []}, 'columns': list(columns),
            'inputs': list(inputs)}


def input_of(*columns):
    return {'stream': 1, 'name': 'gearbox input 1', 'columns': list(columns)}


def feed(schema, batches):
    """The frames of a stream, as Gearbox sends them."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    waiting = []
    for message, payload in wire.split_messages(sink.getvalue()):
        waiting.append(payload)
        if message.type == 'record batch':
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def read(payloads):
    return pa.ipc.open_stream(b''.join(payloads)).read_all()


def is_alive(pid):
    try:
        with open(f'/proc/{pid}/stat', 'rb') as file:
            return file.read().rsplit(b')', 1)[1].split()[0] != b'Z'
    except OSError:
        return False


class ServeTest(unittest.TestCase):
    def setUp(self):
        self.client = Client(echo_command(), configure={'memory_bytes': 0, 'threads': 0})
        self.addCleanup(self.client.drop)

    def run_echo(self, columns, table, number=1, batch_rows=1000):
        batches = table.to_batches(max_chunksize=batch_rows)
        payloads, done = self.client.run(job(number, 'echo', columns, [input_of(*columns)]),
                                         {1: feed(table.schema, batches)})
        return read(payloads), done

    def test_hello_names_itself_with_the_token(self):
        self.assertEqual(self.client.hello['token'], self.client.token)
        self.assertEqual(self.client.hello['protocol'], 1)
        self.assertEqual(self.client.hello['engine'], 'echo')
        self.assertEqual(self.client.hello['pid'], self.client.process.pid)
        self.assertIn('python', self.client.hello['versions'])

    def test_rows_go_through(self):
        table = pa.table({'a': pa.array(range(10_000), pa.int64())})
        got, done = self.run_echo([INT], table)
        self.assertEqual(got.column('a').to_pylist(), list(range(10_000)))
        self.assertEqual(done['rows'], 10_000)
        self.assertGreater(done['peak_rss_bytes'], 1 << 20)
        self.assertGreaterEqual(done['cpu_s'], 0)

    def test_types_keep_what_they_are(self):
        names = ['int64', 'utf8', 'decimal(15,2)', "enum<'x', 'y'>", 'list<int64>', 'uuid', 'json',
                 'timestamp(us, zone)', 'interval', 'struct<"n": int64>', 'map<utf8, int64>',
                 'array<float64, 2>', 'int128']
        columns = [{'name': f'c{i}', 'type': name} for i, name in enumerate(names)]
        schema = types.to_schema([(one['name'], types.parse(one['type'])) for one in columns])
        batch = pa.RecordBatch.from_arrays([pa.nulls(3, t) for t in schema.types], schema=schema)
        got, _ = self.run_echo(columns, pa.Table.from_batches([batch]))
        self.assertTrue(got.schema.equals(schema, check_metadata=True), got.schema)

    def test_an_enum_keeps_its_values_over_batches(self):
        column = {'name': 'e', 'type': "enum<'x', 'y'>"}
        schema = types.to_schema([('e', types.parse(column['type']))])
        array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None] * 1000, pa.uint8()),
                                               pa.array(['x', 'y']))
        got, _ = self.run_echo([column], pa.Table.from_arrays([array], schema=schema), 1, 7)
        self.assertEqual(got.column('e').to_pylist(), ['x', 'y', None] * 1000)

    def test_jobs_follow_each_other(self):
        for number in range(1, 4):
            got, done = self.run_echo([INT], pa.table({'a': [number]}), number)
            self.assertEqual(got.column('a').to_pylist(), [number])
            self.assertEqual(done['job'], number)

    def test_large_batches_are_cut(self):
        table = pa.table({'a': pa.array(range(4_000_000), pa.int64())})
        columns = [INT]
        payloads, _ = self.client.run(job(1, 'echo', columns, [input_of(INT)]),
                                      {1: feed(table.schema, table.to_batches())})
        self.assertLess(max(len(one) for one in payloads), 17 << 20)
        self.assertEqual(read(payloads).num_rows, 4_000_000)

    def test_no_more_than_was_pulled_is_on_the_way(self):
        self.client.prepare(job(1, 'echo', [INT], [input_of(INT)]))
        self.client.send({'type': 'run', 'job': 1})
        self.assertEqual(self.client.frame()[0], wire.ROWS)  # the result's schema
        pull = self.client.message('pull')
        self.assertEqual((pull['stream'], pull['n']), (1, wire.WINDOW))

    def test_a_failure_is_one_line_without_values(self):
        with self.assertRaises(Failed) as caught:
            self.client.run(job(7, 'fail'))
        self.assertEqual((caught.exception.code, caught.exception.job), ('engine', 7))
        self.assertNotIn('secret', caught.exception.message)
        self.assertNotIn('\n', caught.exception.message)
        self.assertEqual(self.run_echo([INT], pa.table({'a': [1]}), 8)[0].num_rows, 1)

    def test_a_result_of_other_columns_is_refused(self):
        with self.assertRaises(Failed) as caught:
            self.client.run(job(1, 'wrong'))
        self.assertEqual(caught.exception.code, 'engine')

    def test_a_plan_it_cannot_run(self):
        with self.assertRaises(Failed) as caught:
            self.client.prepare({'job': 1, 'columns': [], 'plan': {
                'gearbox_plan': 1, 'semantics': 1, 'root': {'op': 'values', 'rows': []}}})
        self.assertEqual(caught.exception.code, 'unsupported')

    def test_a_plan_that_is_none(self):
        with self.assertRaises(Failed) as caught:
            self.client.prepare({'job': 1, 'columns': [], 'plan': {'gearbox_plan': 1}})
        self.assertEqual(caught.exception.code, 'protocol')
        self.assertIn("key 'semantics' is missing", caught.exception.message)

    def test_cancel_while_it_runs(self):
        self.client.prepare(job(1, 'sleep 60'))
        self.client.send({'type': 'run', 'job': 1})
        self.client.frame()
        self.client.send({'type': 'cancel', 'job': 1})
        self.assertEqual(self.client.message('failed', 3)['code'], 'cancelled')

    def test_cancel_while_it_waits_for_rows(self):
        self.client.prepare(job(1, 'echo', [INT], [input_of(INT)]))
        self.client.send({'type': 'run', 'job': 1})
        self.client.frame()
        self.client.message('pull')
        self.client.send({'type': 'cancel', 'job': 1})
        self.assertEqual(self.client.message('failed', 3)['code'], 'cancelled')
        self.assertEqual(self.run_echo([INT], pa.table({'a': [5]}), 2)[0].num_rows, 1)

    def test_cancel_before_run(self):
        self.client.prepare(job(1, 'echo', [INT], [input_of(INT)]))
        self.client.send({'type': 'cancel', 'job': 1})
        self.assertEqual(self.client.message('failed', 3)['code'], 'cancelled')

    def test_cancel_of_another_job_is_let_go(self):
        self.client.prepare(job(2, 'sleep 0.2'))
        self.client.send({'type': 'cancel', 'job': 1})
        self.client.send({'type': 'run', 'job': 2})
        self.client.frame()
        self.client.frame()
        self.assertEqual(self.client.message('done', 5)['rows'], 0)

    def test_the_heart_beats(self):
        self.client.run(job(1, 'sleep 2.3'))
        self.assertGreaterEqual(self.client.heartbeats, 2)

    def test_an_unknown_message_is_refused(self):
        self.client.send({'type': 'sing'})
        self.assertEqual(self.client.message('failed')['code'], 'protocol')

    def test_a_broken_frame_ends_the_host(self):
        self.client.connection.sock.sendall(b'\xff' * 8)
        self.client.process.wait(timeout=5)
        self.assertNotEqual(self.client.process.returncode, 0)

    def test_goodbye_is_zero(self):
        self.assertEqual(self.client.close(), 0)

    def test_the_end_of_stdin_ends_it_and_its_children(self):
        payloads, _ = self.client.run(job(1, 'spawn'))
        child = read(payloads).column('a')[0].as_py()
        self.assertTrue(is_alive(child))
        self.client.process.stdin.close()
        self.client.process.wait(timeout=5)
        until = time.monotonic() + 5
        while is_alive(child) and time.monotonic() < until:
            time.sleep(0.02)
        self.assertFalse(is_alive(child))

    def test_a_connection_that_is_cut_ends_it(self):
        self.client.connection.sock.shutdown(2)
        self.client.process.wait(timeout=5)
        self.assertNotEqual(self.client.process.returncode, 0)


if __name__ == '__main__':
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    unittest.main()
