"""Random queries over the TPC-H tables of the catalog tpch and over VALUES, with one answer only."""
from expressions import BIGINT, Expressions
from sql_types import NUMERIC, Type, quote

# Tables that are small enough to be joined without a key, and columns whose text all generators of the data agree on.
TABLES = {
    'region': (('regionkey', 'bigint'), ('name', 'varchar')),
    'nation': (('nationkey', 'bigint'), ('name', 'varchar'), ('regionkey', 'bigint')),
    'supplier': (('suppkey', 'bigint'), ('nationkey', 'bigint'), ('acctbal', 'double')),
    'customer': (('custkey', 'bigint'), ('nationkey', 'bigint'), ('acctbal', 'double'), ('mktsegment', 'varchar')),
    'orders': (('orderkey', 'bigint'), ('custkey', 'bigint'), ('orderstatus', 'varchar'), ('totalprice', 'double'), ('orderdate', 'date'), ('shippriority', 'integer')),
}
# What keeps a table small.
SMALL = {'customer': 'custkey <= 60', 'orders': 'orderkey <= 200', 'supplier': 'suppkey <= 40'}
ORDERABLE = ('boolean', 'integer', 'bigint', 'double', 'varchar', 'date', 'decimal', 'timestamp')


class Scope:
    """A relation in FROM: its text and its columns, qualified."""

    def __init__(self, text, columns):
        self.text, self.columns = text, columns


class Queries:
    def __init__(self, random, signatures):
        self.random = random
        self.expressions = Expressions(random, signatures)
        self.names = 0
        self.tables = []  # WITH

    def name(self, letter='t'):
        self.names += 1
        return f'{letter}{self.names}'

    def maybe(self, share):
        return self.random.random() < share

    # ------------------------------------------------------------ relations

    def relation(self, depth):
        kind = self.random.random()
        if self.tables and kind < 0.25:
            table, columns = self.random.choice(self.tables)
            alias = self.name()
            return Scope(f'{table} AS {alias}', [(f'{alias}.{name}', type_) for name, type_ in columns])
        if kind < 0.55:
            table = self.random.choice(sorted(TABLES))
            alias = self.name()
            source = f'(SELECT * FROM {table} WHERE {SMALL[table]})' if table in SMALL else table
            return Scope(f'{source} AS {alias}', [(f'{alias}.{name}', Type(type_)) for name, type_ in TABLES[table]])
        if kind < 0.8 or depth <= 0:
            return self.values()
        alias = self.name()
        text, columns = self.query(depth - 1)
        return Scope(f'({text}) AS {alias}', [(f'{alias}.{name}', type_) for name, type_ in columns])

    def values(self):
        alias = self.name('v')
        types = [Type(self.random.choice(ORDERABLE)) for _ in range(self.random.randint(1, 3))]
        if self.maybe(0.6):
            types.append(BIGINT)
        rows = []
        for _ in range(self.random.randint(1, 6)):
            rows.append(f"({', '.join(self.value(type_) for type_ in types)})")
        names = [f'x{i}' for i in range(len(types))]
        return Scope(f"(VALUES {', '.join(rows)}) AS {alias}({', '.join(names)})", [(f'{alias}.{name}', type_) for name, type_ in zip(names, types)])

    def value(self, type_):
        """Few different values, so that rows meet in joins and groups."""
        if self.maybe(0.15):
            return f'CAST(NULL AS {type_})'
        if type_.name == 'bigint':
            return f"BIGINT '{self.random.randint(0, 5)}'"
        if type_.name == 'integer':
            return str(self.random.randint(0, 5))
        if type_.name == 'double':
            return self.random.choice(('0e0', '1e0', '2.5e0', '-1e0', '100.25e0'))
        if type_.name == 'decimal':
            return self.random.choice(("DECIMAL '0.00'", "DECIMAL '1.50'", "DECIMAL '-2.25'", "DECIMAL '3'"))
        if type_.name == 'varchar':
            return quote(self.random.choice(('a', 'b', 'c', '', 'ASIA', 'O', 'é')))
        if type_.name == 'date':
            return f"DATE '{self.random.choice(('1995-01-01', '1996-02-29', '2000-01-01'))}'"
        if type_.name == 'timestamp':
            return f"TIMESTAMP '{self.random.choice(('1995-01-01 00:00:00.000', '1996-02-29 12:34:56.789', '2000-01-01 23:59:59.999'))}'"
        return self.random.choice(('true', 'false'))

    def source(self, depth):
        scope = self.relation(depth)
        text, columns = scope.text, list(scope.columns)
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            kind = self.random.random()
            if kind < 0.12:
                text, columns = self.unnest(text, columns)
                continue
            if kind < 0.2 and depth > 0:
                text, columns = self.lateral(text, columns, depth)
                continue
            right = self.relation(depth - 1)
            if kind < 0.28:
                text = f'{text} CROSS JOIN {right.text}'
            else:
                join = self.random.choice(('JOIN', 'INNER JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'))
                condition = self.join_condition(columns, right.columns)
                if condition is None:
                    text = f'{text} CROSS JOIN {right.text}'
                else:
                    text = f'{text} {join} {right.text} ON {condition}'
            columns += right.columns
        return text, columns

    def join_condition(self, left, right):
        pairs = [(a, b) for a, s in left for b, t in right if s.name == t.name or (s.name in NUMERIC and t.name in NUMERIC)]
        if not pairs:
            return None
        a, b = self.random.choice(pairs)
        condition = f'{a} = {b}'
        if self.maybe(0.2):
            condition += f' AND {self.predicate(left + right, 0)}'
        return condition

    def unnest(self, text, columns):
        alias = self.name('u')
        kind = self.random.randrange(4)
        if kind == 0:
            inside, made = f'UNNEST(ARRAY[1, 2, NULL], ARRAY[{quote("a")}, {quote("b")}]) AS {alias}(p, q)', [('p', Type('integer')), ('q', Type('varchar'))]
        elif kind == 1:
            inside, made = f'UNNEST(sequence(1, 3)) WITH ORDINALITY AS {alias}(p, o)', [('p', BIGINT), ('o', BIGINT)]
        elif kind == 2:
            inside, made = f'UNNEST(MAP(ARRAY[{quote("k")}, {quote("l")}], ARRAY[1, 2])) AS {alias}(k, w)', [('k', Type('varchar')), ('w', Type('integer'))]
        else:
            numbers = [name for name, type_ in columns if type_.name in ('bigint', 'integer')]
            element = self.random.choice(numbers) if numbers else '1'
            inside, made = f'UNNEST(ARRAY[{element}, 7]) AS {alias}(p)', [('p', BIGINT)]
        join = self.random.choice(('CROSS JOIN {}', 'LEFT JOIN {} ON TRUE'))
        return f'{text} {join.format(inside)}', columns + [(f'{alias}.{name}', type_) for name, type_ in made]

    def lateral(self, text, columns, depth):
        alias = self.name('l')
        outer, self.expressions.columns = self.expressions.columns, columns
        type_ = Type(self.random.choice(ORDERABLE))
        value = self.expressions.of_type(type_, 1)
        self.expressions.columns = outer
        return f'{text} CROSS JOIN LATERAL (SELECT {value} AS z) AS {alias}', columns + [(f'{alias}.z', type_)]

    # ------------------------------------------------------------ expressions

    def expression(self, columns, type_=None, depth=1):
        self.expressions.columns = columns
        return self.expressions.of_type(type_ or Type(self.random.choice(ORDERABLE)), depth)

    def column(self, columns, names=ORDERABLE):
        fitting = [pair for pair in columns if pair[1].name in names]
        return self.random.choice(fitting) if fitting else None

    def predicate(self, columns, depth):
        kind = self.random.random()
        pair = self.column(columns)
        if depth > 0 and kind < 0.3 and pair:
            return self.subquery_predicate(columns, pair)
        if pair and kind < 0.7:
            name, type_ = pair
            return self.random.choice((
                f"{name} {self.random.choice(('=', '<>', '<', '<=', '>', '>='))} {self.value(type_)}", f'{name} IS NOT NULL', f'{name} IS NULL',
                f"{name} IN ({self.value(type_)}, {self.value(type_)})", f'{name} IS DISTINCT FROM {self.value(type_)}'))
        self.expressions.columns = columns
        return self.expressions.predicate(0)

    def subquery_predicate(self, columns, pair):
        name, type_ = pair
        inner = self.relation(0)
        match = self.column(inner.columns, (type_.name,))
        correlated = self.join_condition(columns, inner.columns) if self.maybe(0.5) else None
        where = f' WHERE {correlated}' if correlated else ''
        kind = self.random.randrange(5)
        if kind == 0:
            return f"{self.random.choice(('', 'NOT '))}EXISTS (SELECT 1 FROM {inner.text}{where})"
        if match and kind == 1:
            return f"{name} {self.random.choice(('', 'NOT '))}IN (SELECT {match[0]} FROM {inner.text}{where if self.maybe(0.3) else ''})"
        if match and kind == 2:
            return f"{name} {self.random.choice(('=', '<>', '<', '>='))} (SELECT {self.random.choice(('max', 'min'))}({match[0]}) FROM {inner.text}{where})"
        if match and kind == 3:
            return f"{name} {self.random.choice(('= ANY', '<> ALL', '< ALL', '>= SOME'))} (SELECT {match[0]} FROM {inner.text})"
        return f"{self.random.choice(('0', '1', '2'))} {self.random.choice(('<', '=', '>'))} (SELECT count(*) FROM {inner.text}{where})"

    # ------------------------------------------------------------ queries

    def query(self, depth):
        """Text and columns of a query, in any order of rows."""
        if depth > 0 and self.maybe(0.2):
            return self.set_operation(depth)
        return self.select(depth)

    def set_operation(self, depth):
        types = [Type(self.random.choice(ORDERABLE)) for _ in range(self.random.randint(1, 3))]
        branches = []
        for _ in range(self.random.choice((2, 2, 3))):
            text, columns = self.source(depth - 1)
            items = []
            for i, type_ in enumerate(types):
                pair = self.column(columns, (type_.name,))
                items.append(f'{pair[0] if pair and self.maybe(0.7) else self.value(type_)} AS r{i}')
            branches.append(f"SELECT {', '.join(items)} FROM {text}{self.where(columns, 0)}")
        text = branches[0]
        for branch in branches[1:]:
            text += f" {self.random.choice(('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL'))} {branch}"
        return text, [(f'r{i}', type_) for i, type_ in enumerate(types)]

    def where(self, columns, depth):
        if self.maybe(0.4):
            return ''
        return f" WHERE {' AND '.join(self.predicate(columns, depth) for _ in range(self.random.choice((1, 1, 2))))}"

    def select(self, depth):
        text, columns = self.source(depth)
        kind = self.random.random()
        if kind < 0.4:
            return self.grouped(text, columns, depth)
        if kind < 0.6:
            return self.windowed(text, columns, depth)
        items, made = [], []
        for i in range(self.random.randint(1, 4)):
            pair = self.column(columns)
            if pair and self.maybe(0.5):
                items.append(f'{pair[0]} AS r{i}')
                made.append((f'r{i}', pair[1]))
            elif self.maybe(0.15) and depth > 0:
                inner = self.relation(0)
                correlated = self.join_condition(columns, inner.columns)
                items.append(f"(SELECT count(*) FROM {inner.text}{f' WHERE {correlated}' if correlated else ''}) AS r{i}")
                made.append((f'r{i}', BIGINT))
            else:
                type_ = Type(self.random.choice(ORDERABLE))
                items.append(f'{self.expression(columns, type_)} AS r{i}')
                made.append((f'r{i}', type_))
        distinct = self.random.choice(('', '', 'DISTINCT '))
        return f"SELECT {distinct}{', '.join(items)} FROM {text}{self.where(columns, depth)}", made

    def aggregate(self, columns):
        pair = self.column(columns)
        number = self.column(columns, ('bigint', 'integer', 'decimal'))
        where = f' FILTER (WHERE {self.predicate(columns, 0)})' if self.maybe(0.2) else ''
        distinct = self.random.choice(('', '', 'DISTINCT '))
        if number and self.maybe(0.4):
            function = self.random.choice(('sum', 'avg', 'min', 'max', 'count'))
            type_ = Type('double') if function == 'avg' and number[1].name != 'decimal' else BIGINT if function == 'count' else number[1]
            return f'{function}({distinct}{number[0]}){where}', type_
        if pair and self.maybe(0.7):
            function = self.random.choice(('min', 'max', 'count', 'count', 'array_agg'))
            if function == 'array_agg':
                return f"array_join(array_sort(array_agg({distinct}CAST({pair[0]} AS varchar)){where}), ',')", Type('varchar')
            return f'{function}({distinct}{pair[0]}){where}', BIGINT if function == 'count' else pair[1]
        return f'count(*){where}', BIGINT

    def grouped(self, text, columns, depth):
        keys = list(dict.fromkeys(filter(None, (self.column(columns) for _ in range(self.random.choice((0, 1, 1, 2)))))))
        items = [(name, type_) for name, type_ in keys]
        aggregates = [self.aggregate(columns) for _ in range(self.random.randint(1, 3))]
        names = [name for name, _ in keys]
        grouping = ''
        if keys:
            grouping = ' GROUP BY ' + self.random.choice((', '.join(names), ', '.join(names), f"ROLLUP ({', '.join(names)})", f"CUBE ({', '.join(names)})",
                                                          f"GROUPING SETS (({', '.join(names)}), ({names[0]}), ())"))
            if '(' in grouping and self.maybe(0.4):
                aggregates.append((f"grouping({', '.join(names)})", Type('integer')))
        having = ''
        if self.maybe(0.25):
            having = f" HAVING count(*) {self.random.choice(('>', '<', '>='))} {self.random.randint(0, 3)}"
        made = items + aggregates
        chosen = ', '.join(f'{item} AS r{i}' for i, (item, _) in enumerate(made))
        return f'SELECT {chosen} FROM {text}{self.where(columns, depth)}{grouping}{having}', [(f'r{i}', type_) for i, (_, type_) in enumerate(made)]

    def windowed(self, text, columns, depth):
        """Peers share a value: frames of RANGE, and functions that do not tell peers apart."""
        key = self.column(columns)
        if key is None:
            return self.grouped(text, columns, depth)
        partition = self.column(columns) if self.maybe(0.6) else None
        number = self.column(columns, ('bigint', 'integer')) or ('1', Type('integer'))
        order = f"{key[0]}{self.random.choice(('', ' DESC'))}{self.random.choice(('', ' NULLS FIRST', ' NULLS LAST'))}"
        over = f"OVER ({f'PARTITION BY {partition[0]} ' if partition else ''}ORDER BY {order}{{}})"
        function, type_ = self.random.choice((('rank()', BIGINT), ('dense_rank()', BIGINT), ('percent_rank()', Type('double')), ('cume_dist()', Type('double')),
                                              (f'sum({number[0]})', BIGINT), (f'count({key[0]})', BIGINT), (f'min({number[0]})', number[1]), (f'max({key[0]})', key[1]),
                                              (f'first_value({key[0]})', key[1]), (f'last_value({key[0]})', key[1])))
        frame = ''
        if not function.endswith('()'):
            frame = self.random.choice(('', ' RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING', ' RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
                                        ' GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING', ' GROUPS BETWEEN 1 FOLLOWING AND 2 FOLLOWING'))
            if key[1].name in ('bigint', 'integer', 'double', 'decimal') and self.maybe(0.3):
                frame = self.random.choice((' RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING', ' RANGE 2 PRECEDING', ' RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING'))
        items = [(key[0], key[1]), (f'{function} {over.format(frame)}', type_)]
        if partition:
            items.append(partition)
        chosen = ', '.join(f'{item} AS r{i}' for i, (item, _) in enumerate(items))
        return f'SELECT {chosen} FROM {text}{self.where(columns, depth)}', [(f'r{i}', t) for i, (_, t) in enumerate(items)]

    def statement(self):
        """A whole statement, and whether its rows have an order."""
        ctes = []
        if self.maybe(0.3):
            for _ in range(self.random.choice((1, 1, 2))):
                text, columns = self.query(1)
                name = self.name('w')
                ctes.append(f'{name} AS ({text})')
                self.tables.append((name, columns))
        text, columns = self.query(2)
        ordered = self.maybe(0.4)
        if ordered:
            # All columns, so that equal rows only may change places.
            keys = list(range(1, len(columns) + 1))
            self.random.shuffle(keys)
            text += ' ORDER BY ' + ', '.join(f"{key}{self.random.choice(('', ' DESC', ' ASC NULLS FIRST', ' DESC NULLS LAST'))}" for key in keys)
            text += self.random.choice(('', '', f' LIMIT {self.random.randint(0, 12)}', f' OFFSET {self.random.randint(0, 5)} LIMIT 7', ' FETCH FIRST 3 ROWS ONLY',
                                        ' FETCH FIRST 2 ROWS WITH TIES', ' LIMIT ALL'))
        # Trino promises no order for the rows of WITH TIES.
        return (f"WITH {', '.join(ctes)} " if ctes else '') + text, ordered and not text.endswith('WITH TIES')
