"""The files that the cases read. Small ones are spelled out, large ones computed."""
import os
import pathlib
import subprocess

TEXTS = {
    'people.csv': 'name,age,city\nAda,36,London\nGrace,45,"New York"\nLinus,,Helsinki\n',
    'empty.csv': '',
    'header.csv': 'a,b\n',
    'ragged.csv': 'a,b,c\n1,2,3\n4,5\n6,7,8,9\n',
    'quotes.csv': 'a,b\n1,"x\n2,y\n',
    'latin1.csv': b'name\nJos\xe9\n',
    'nul.csv': b'a,b\n1,x\x00y\n',
    'control.csv': b'a\n"x\x1b[31mred\x07"\n',
    'folder/readme.md': 'no data here\n',
    'mixed/a.csv': 'x,y\n1,2\n',
    'mixed/b.csv': 'x,z\n1,2\n',
    'same/a.csv': 'x\n1\n',
    'same/b.csv': 'x\n2\n',
    'fake.parquet': 'hello world, not parquet at all\n',
    'query.sql': 'SELECT name\nFROM \'people.csv\'\nWHERE age > 40\n',
    'wrong.sql': 'SELECT name\nFROM \'people.csv\'\nWHERE agee > 40\n',
    'nested.sql': 'SELECT ' + '(' * 10000 + '1' + ')' * 10000,
    'nested_case.sql': 'SELECT ' + 'CASE WHEN true THEN ' * 10000 + '1' + ' END' * 10000,
    'nested_lists.sql': 'SELECT ' + '[' * 10000 + '1' + ']' * 10000,
    'nots.sql': 'SELECT ' + 'NOT ' * 10000 + 'true',
    'lambdas.sql': 'SELECT ' + 'list_transform([1], lambda x: ' * 100 + 'x' + ')' * 100,
    'chain.sql': 'SELECT ' + '+'.join(['1'] * 500000),
    'unions.sql': ' UNION ALL '.join(['SELECT 7 AS x'] * 50000),
    'joins.sql': 'SELECT 1 FROM range(1) t' + ' JOIN range(1) u USING (x)' * 1000,
    'ctes.sql': 'WITH ' + ', '.join(f'c{i} AS (SELECT 1)' for i in range(5000)) + ' FROM c1',
    'keys.sql': 'FROM range(9) t(x) ORDER BY ' + ', '.join(f'x + {i}' for i in range(5000)),
    'long_name.sql': 'SELECT ' + 'x' * 1000000,
    'long_number.sql': 'SELECT ' + '1' * 1000000,
    'many_rows.sql': 'SELECT count(*) AS n, sum(x) AS s FROM (VALUES '
                     + ', '.join(f"({i}, 'row {i}', {i}.5)" for i in range(30000))
                     + ') t(x, y)',
    'long_comment.sql': '/* ' + 'x' * 1000000 + ' */ SELECT 1 AS n -- ' + 'x' * 1000000,
    'many_numbers.sql': 'SELECT count(*) AS n FROM range(1000000) t(i) WHERE i IN ('
                     + ','.join(str(i) for i in range(150000)) + ')',
    'long_text.sql': "SELECT length('" + 'x' * 1000000 + "') AS n",
    'long_list.sql': 'SELECT 7 IN (' + ', '.join(str(i) for i in range(130000)) + ') AS found',
}


def make(folder, env):
    root = pathlib.Path(folder)
    for name, text in TEXTS.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    names = ','.join(f'c{i}' for i in range(10000))
    (root / 'wide.csv').write_text(names + '\n' + ','.join('7' for _ in range(10000)) + '\n')
    (root / 'unreadable.csv').write_text('a\n1\n')
    (root / 'unreadable.csv').chmod(0)
    (root / 'no_rights').mkdir(mode=0o500)
    subprocess.run(['gearbox', 'sql', "FROM 'people.csv'", '-o', 'people.parquet'], cwd=folder,
                   env=env, check=True)
    good = (root / 'people.parquet').read_bytes()
    (root / 'cut.parquet').write_bytes(good[:len(good) // 2])
    (root / 'flipped_data.parquet').write_bytes(flip(good, 4, 40))
    (root / 'flipped_footer.parquet').write_bytes(flip(good, len(good) - 60, len(good) - 20))


def flip(content, start, end):
    changed = bytearray(content)
    for i in range(start, end):
        changed[i] ^= 0xFF
    return bytes(changed)


def is_root():
    return os.geteuid() == 0
