"""Random well-typed expressions, drawn from the function registry and from what SQL has besides functions."""
import collections
import dataclasses

from sql_types import (NUMERIC, SCALAR, TEMPORAL, TEXTS, Type, fits, is_variable, parse, precision_of, quote, scalar_literal, spelled,
                       split_arguments, unify)

# Functions whose answer is random, or stands in docs/sql/differences.md.
LEFT_OUT = {'rand', 'random', 'shuffle', 'uuid', 'now', 'approx_distinct', 'approx_percentile', 'approx_most_frequent', 'approx_set',
            'any_value', 'arbitrary', 'listagg', 'human_readable_seconds', 'numeric_histogram', 'version', 'current_timezone'}
VARIADIC = {'concat', 'greatest', 'least', 'concat_ws', 'map_concat', 'format'}

BOOLEAN, BIGINT, INTEGER, DOUBLE, VARCHAR, JSON = map(Type, ('boolean', 'bigint', 'integer', 'double', 'varchar', 'json'))
UNITS = tuple(map(quote, ('millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'MONTH', 'century')))
PATTERNS = tuple(map(quote, ('a', '[a-c]+', '(a)(b)?', '\\d+', '(\\d+)([a-z]+)', '^.', '.$', '', 'x*', '(?i)ABC', '\\s', '[^,]*', '(?<n>b)c', 'a|b', '.', '\\bb',
                             '(?=b)', 'a{2}', '(a', '[[:alpha:]]', '\\p{L}+', '(?s).*')))
PATHS = tuple(map(quote, ('$', '$.a', '$.b[1]', '$[0]', '$["a"]', '$.a.b[2].c', '$.*', '$[*]', '$..a', '$.', 'a', '$[-1]', '$.a.b')))
DATE_FORMATS = tuple(map(quote, ('%Y-%m-%d', '%Y-%m-%d %H:%i:%s', '%a %b %c %d %e', '%f', '%H:%i:%s.%f', '%h:%i %p', '%j', '%M %W', '%r %T', '%y%m%d', '%k %l',
                                 '%x-%v', '%%', 'x%Y', '%D', '%S')))
JODA = tuple(map(quote, ('yyyy-MM-dd', 'yyyy-MM-dd HH:mm:ss', 'yyyy/MM/dd', 'EEE, d MMM yyyy', 'HH:mm:ss.SSS', 'hh:mm a', 'xxxx-ww e', 'DDD', "yyyy'T'HH", 'YYYY', 'Z',
                         'yy-M-d', 'EEEE MMMM', 'G C', 'kk K', 'ZZ')))
ZONES = tuple(map(quote, ('UTC', '+05:30', '-08:00', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', '+14:00', 'Mars/Base')))
DATE_TEXTS = tuple(map(quote, ('2020-02-29', '2020-02-29 12:34:56', '2001-08-22T03:04:05.321Z', '2020-05-10 12:34:56.123 +05:30', '1999-12-31 23:59:59', '20200229',
                               '2020/02/29', '12:34:56.789', '2020-W10-2', '2020-060', '1970-01-01T00:00:00+01:00', '2020-13-01', '10:05 PM', 'Sat 2020',
                               '2020-02-29T12:34:56.123456789-08:00', '2020-02')))
FORMATS = tuple(map(quote, ('%s', '%d', '%5s|', '%-5s|', '%05d', '%,d', '%.3f', '%e', '%x', '%b', '%s %s', '%2$s %1$s', '%%', '%+d', '%c', '%10.2f', '%S', '%g')))
BASE_TEXTS = tuple(map(quote, ('0', '1', 'ff', 'FF', '-7f', 'zz', '10101', '', '9223372036854775807', '777', '+5')))
SIZES = tuple(map(quote, ('1B', '1kB', '2.5MB', '1PB', '10YB', 'x', '1', '1.5 GB')))
DURATIONS = tuple(map(quote, ('1.5s', '5m', '2h', '42ms', '1d', '3us', '10ns', 'x', '1.2 d')))
URLS = tuple(map(quote, ('http://user@example.com:8080/a/b?x=1&y=%20#f', 'https://a.b/', 'ftp://x', 'mailto:a@b.c', '', 'not a url', '/p?q=1&q=2&r', 'http://[::1]:80/x',
                         'http://a.b/%E4%BD%A0?k=%41#%42', 'http://a.b:99999/', 'a%20b+c', '%zz')))
SMALL = ('0', '1', '2', '3', '4', '5', '10', '-1', '-2')
FORM_NAMES = tuple(map(quote, ('NFC', 'NFD', 'NFKC', 'NFKD')))
BINARY_TEXTS = ("X'616263'", "X'59574A6A'", "X'F09F9880'", "X'C328'", "X''")

# What an argument mostly is, by function and position or by template, where random values would nearly always be refused or be too large.
ARGUMENTS = {
    'joniregexp': PATTERNS, 'jsonpath': PATHS, 'codepoints': tuple(map(quote, ('a', ' ', 'abc', 'ß', '😀', ''))),
    ('date_trunc', 0): UNITS, ('date_add', 0): UNITS, ('date_diff', 0): UNITS, ('date_format', 1): DATE_FORMATS, ('date_parse', 1): DATE_FORMATS,
    ('date_parse', 0): DATE_TEXTS, ('parse_datetime', 0): DATE_TEXTS, ('parse_datetime', 1): JODA, ('format_datetime', 1): JODA,
    ('from_iso8601_timestamp', 0): DATE_TEXTS, ('from_iso8601_timestamp_nanos', 0): DATE_TEXTS, ('from_iso8601_date', 0): DATE_TEXTS, ('date', 0, 'varchar'): DATE_TEXTS,
    ('at_timezone', 1, 'varchar'): ZONES, ('with_timezone', 1): ZONES, ('from_unixtime', 1, 'varchar'): ZONES, ('from_unixtime', 1, 'bigint'): SMALL,
    ('from_unixtime', 2): SMALL, ('format', 0): FORMATS, ('from_base', 0): BASE_TEXTS, ('from_base', 1): ('2', '8', '10', '16', '36', '37'),
    ('to_base', 1): ('2', '8', '10', '16', '36', '1'), ('parse_data_size', 0): SIZES, ('parse_duration', 0): DURATIONS, ('normalize', 1): FORM_NAMES,
    ('lpad', 1): SMALL, ('rpad', 1): SMALL, ('repeat', 1): SMALL, ('combinations', 1): SMALL, ('ngrams', 1): SMALL, ('ntile', 0): SMALL[1:6],
    ('chr', 0): ('65', '0', '228', '128512', '55296', '-1', '1114112'), ('codepoint', 0): tuple(map(quote, ('a', 'ß', '😀', '中'))),
    ('round', 1): SMALL, ('truncate', 1): SMALL, ('bit_count', 1): ('64', '32', '8', '2', '1'), ('substr', 1): SMALL, ('substr', 2): SMALL, ('substring', 1): SMALL,
    ('substring', 2): SMALL, ('split', 1): tuple(map(quote, (',', ' ', 'b', '', 'bc'))), ('split', 2): SMALL, ('split_part', 1): tuple(map(quote, (',', ' ', 'b', ''))),
    ('split_part', 2): SMALL, ('strpos', 1): tuple(map(quote, ('a', 'b', '', 'bc', '😀'))), ('strpos', 2): SMALL, ('element_at', 1, 'bigint'): SMALL,
    ('slice', 1): SMALL, ('slice', 2): SMALL, ('trim_array', 1): SMALL[:5], ('sequence', 0, 'bigint'): SMALL, ('sequence', 1, 'bigint'): SMALL, ('sequence', 2, 'bigint'): SMALL,
    ('nth_value', 1): SMALL[1:5], ('lag', 1): SMALL[:5], ('lead', 1): SMALL[:5], ('min', 1): SMALL, ('max', 1): SMALL, ('min_by', 2): SMALL, ('max_by', 2): SMALL,
    ('regexp_extract', 2): SMALL[:4], ('regexp_extract_all', 2): SMALL[:4], ('regexp_position', 2): SMALL, ('regexp_position', 3): SMALL,
    ('regexp_replace', 2, 'varchar'): tuple(map(quote, ('', 'X', '$1', '[$0]', '${n}', '$9', '\\$', '$'))), ('url_extract_parameter', 1): tuple(map(quote, ('x', 'q', 'k'))),
    ('split_to_map', 0): tuple(map(quote, ('a:1,b:2', 'a:1', '', 'a:1,a:2', 'a', 'a:b:c'))), ('split_to_map', 1): ("','",), ('split_to_map', 2): ("':'",),
    ('split_to_multimap', 0): tuple(map(quote, ('a:1,b:2', 'a:1,a:2', ''))), ('split_to_multimap', 1): ("','",), ('split_to_multimap', 2): ("':'",),
    ('array_join', 1): tuple(map(quote, (',', '', '--'))), ('json_array_get', 1): SMALL, ('bitwise_left_shift', 1): SMALL + ('31', '32', '63', '64', '65'),
    ('bitwise_right_shift', 1): SMALL + ('31', '32', '63', '64'), ('bitwise_right_shift_arithmetic', 1): SMALL + ('31', '32', '63', '64'),
    ('width_bucket', 3): SMALL, ('date_add', 1): SMALL + ('1000', '-400'), ('luhn_check', 0): tuple(map(quote, ('4242424242424242', '1', '', '79927398713', '1a'))),
    ('from_base32', 0): BINARY_TEXTS, ('from_base64', 0): BINARY_TEXTS, ('from_hex', 0, 'varchar'): tuple(map(quote, ('', '41', '4g', 'abc', 'FFff'))),
    ('from_big_endian_32', 0): ("X'00000001'", "X'FFFFFFFF'", "X'01'"), ('from_big_endian_64', 0): ("X'0000000000000001'", "X'8000000000000000'", "X'01'"),
    ('from_ieee754_32', 0): ("X'3F800000'", "X'7FC00000'", "X'80000000'"), ('from_ieee754_64', 0): ("X'3FF0000000000000'", "X'01'"),
    ('timestamp_objectid', 0): ("X'507F1F77BCF86CD799439011'",), ('from_unixtime', 0): ('0', '1.5e0', '-1e0', '1589107200.1234', 'DOUBLE \'NaN\'', '-1e9'),
    ('to_char', 1): tuple(map(quote, ('yyyy-mm-dd', 'hh24:mi:ss', 'dd/mm/yy hh'))), ('to_date', 1): tuple(map(quote, ('yyyy-mm-dd', 'yyyymmdd'))),
    ('to_timestamp', 1): tuple(map(quote, ('yyyy-mm-dd hh24:mi:ss', 'yyyy-mm-dd'))), ('to_date', 0): DATE_TEXTS, ('to_timestamp', 0): DATE_TEXTS,
    ('contains', 0, 'varchar'): tuple(map(quote, ('192.168.0.0/16', '::/0', '10.0.0.0/8', 'x'))),
}
UNIQUE = ('k', '-k', 'CAST(k AS double)', 'CAST(k AS varchar)', 'CAST(k AS decimal(10,2))', "date_add('day', k, DATE '2020-01-01')", 'ROW(k, 1)')
# A count there would ask for memory by the gigabyte.
ALWAYS_AS_GIVEN = {('lpad', 1), ('rpad', 1), ('repeat', 1), ('sequence', 0), ('sequence', 1), ('ngrams', 1), ('combinations', 1)}
ORDERED_ONLY = {'array_sort', 'array_min', 'array_max', 'greatest', 'least', 'min', 'max', 'min_by', 'max_by'}

UNCHECKED = ('boolean', 'json', 'interval day to second', 'interval year to month', 'uuid', 'ipaddress') + TEMPORAL
CAST_SOURCES = {
    **{name: ('boolean', 'varchar', 'json') + NUMERIC for name in NUMERIC + ('boolean',)},
    'varchar': tuple(name for name in SCALAR if name != 'varbinary'), 'char': ('varchar', 'char', 'integer', 'double', 'date', 'boolean'), 'varbinary': ('varchar', 'uuid', 'ipaddress'),
    'date': ('varchar', 'timestamp', 'timestamp with time zone', 'date', 'char'), 'time': ('varchar', 'time', 'time with time zone', 'timestamp', 'timestamp with time zone'),
    'time with time zone': ('varchar', 'time', 'time with time zone', 'timestamp with time zone'),
    'timestamp': ('varchar', 'date', 'time', 'timestamp', 'timestamp with time zone', 'time with time zone'),
    'timestamp with time zone': ('varchar', 'date', 'timestamp', 'timestamp with time zone', 'time'),
    'interval day to second': ('interval day to second',), 'interval year to month': ('interval year to month',),
    'json': ('boolean', 'bigint', 'integer', 'double', 'real', 'decimal', 'varchar', 'date', 'timestamp', 'json', 'array', 'map', 'row'),
    'uuid': ('varchar', 'varbinary', 'uuid'), 'ipaddress': ('varchar', 'varbinary', 'ipaddress'),
}


@dataclasses.dataclass(frozen=True)
class Signature:
    name: str
    arguments: tuple
    result: Type
    kind: str


def read_signatures(rows):
    """Of the rows of SHOW FUNCTIONS."""
    signatures = []
    for name, result, arguments, kind, deterministic, *_ in rows:
        if name not in LEFT_OUT and deterministic in ('true', True):
            signatures.append(Signature(name, tuple(map(parse, split_arguments(arguments))), parse(result), kind))
    return signatures


class Expressions:
    """Makes expressions over the columns it is given. All it chooses comes from `random`."""

    def __init__(self, random, signatures):
        self.random = random
        by_name = collections.defaultdict(list)
        for signature in signatures:
            by_name[signature.kind, signature.name].append(signature)
        self.scalars = [group for (kind, _), group in sorted(by_name.items()) if kind == 'scalar']
        # Trino may combine the states of reduce_agg in any grouping and types its lambdas twice; over frames that grow it loses values of
        # aggregates that keep several.
        self.aggregates = [group for (kind, name), group in sorted(by_name.items()) if kind == 'aggregate' and name != 'reduce_agg']
        self.windows = [group for (kind, name), group in sorted(by_name.items()) if kind in ('window', 'aggregate') and name not in ('min', 'max', 'min_by', 'max_by', 'reduce_agg')]
        self.windows += [[signature for signature in by_name['aggregate', name] if len(signature.arguments) == count]
                         for name, count in (('min', 1), ('max', 1), ('min_by', 2), ('max_by', 2))]
        self.windows = list(filter(None, self.windows))
        self.producers = collections.defaultdict(list)
        for group in self.scalars:
            for signature in group:
                self.producers['' if is_variable(signature.result) else signature.result.name].append(signature)
        self.columns = []
        self.lambda_depth = 0

    # ------------------------------------------------------------ types and values

    def any_type(self, nesting=1):
        if nesting and self.random.random() < 0.25:
            name = self.random.choice(('array', 'array', 'map', 'row'))
            if name == 'array':
                return Type('array', (self.any_type(nesting - 1),))
            if name == 'map':
                return Type('map', (self.key_type(), self.any_type(nesting - 1)))
            return Type('row', tuple(self.any_type(nesting - 1) for _ in range(self.random.randint(1, 3))))
        common = ('boolean', 'integer', 'bigint', 'double', 'decimal', 'varchar', 'varchar', 'date', 'timestamp')
        return Type(self.random.choice(common if self.random.random() < 0.6 else SCALAR))

    def key_type(self):
        return Type(self.random.choice(('bigint', 'integer', 'varchar', 'varchar', 'double', 'date', 'boolean', 'decimal')))

    def literal(self, type_, null=0.07):
        if self.random.random() < null:
            return f'CAST(NULL AS {spelled(self.random, type_)})'
        if type_.name == 'array':
            size = self.random.choice((0, 1, 2, 3, 3, 4))
            if size == 0 and self.random.random() < 0.9:
                return f'CAST(ARRAY[] AS {spelled(self.random, type_)})'
            return f"ARRAY[{', '.join(self.literal(type_.arguments[0]) for _ in range(size))}]"
        if type_.name == 'map':
            size = self.random.choice((0, 1, 1, 2, 3))
            keys = list(dict.fromkeys(self.literal(type_.arguments[0], 0) for _ in range(size)))
            return 'MAP(ARRAY[{}], ARRAY[{}])'.format(', '.join(keys), ', '.join(self.literal(type_.arguments[1]) for _ in keys))
        if type_.name == 'row':
            fields = ', '.join(map(self.literal, type_.arguments))
            return f'ROW({fields})' if self.random.random() < 0.5 else f'CAST(ROW({fields}) AS {spelled(self.random, type_)})'
        return scalar_literal(self.random, type_)

    # ------------------------------------------------------------ expressions

    def of_type(self, want, depth):
        """An expression that may stand where `want` is asked."""
        columns = [name for name, have in self.columns if fits(have, want)]
        if columns and self.random.random() < (0.5 if depth > 0 else 0.75):
            return self.random.choice(columns)
        if depth <= 0 or self.random.random() < 0.3:
            return self.literal(want)
        kind = self.random.random()
        if kind < 0.55:
            candidates = self.producers[want.name] + self.producers['']
            for _ in range(4):
                signature = self.random.choice(candidates) if candidates else None
                bindings = {}
                if signature and unify(signature.result, want, bindings):
                    return self.call(signature, bindings, depth - 1)
        if kind < 0.7:
            return self.conditional(want, depth - 1)
        if kind < 0.85 or want.name in ('array', 'map', 'row'):
            made = self.special(want, depth - 1)
            if made:
                return made
        return self.cast_to(want, depth - 1)

    def special(self, want, depth):
        name = want.name
        if name == 'boolean':
            return self.predicate(depth)
        if name in NUMERIC:
            return f"({self.of_type(want, depth)} {self.random.choice('+-*/%')} {self.of_type(want, depth)})"
        if name == 'varchar':
            return f'({self.of_type(want, depth)} || {self.of_type(want, depth)})'
        if name in TEMPORAL:
            return self.shifted_time(want, depth)
        if name == 'array':
            element, = want.arguments
            return self.random.choice((lambda: f'ARRAY[{self.of_type(element, depth)}, {self.of_type(element, depth)}]',
                                       lambda: f'({self.of_type(want, depth)} || {self.of_type(want, depth)})'))()
        if name == 'row':
            return f"ROW({', '.join(self.of_type(field, depth) for field in want.arguments)})"
        return None

    def conditional(self, want, depth):
        value = lambda: self.of_type(want, depth)
        kind = self.random.randrange(6)
        if kind == 0:
            return f'CASE WHEN {self.predicate(depth)} THEN {value()} ELSE {value()} END'
        if kind == 1:
            other = self.any_type(0)
            return f'CASE {self.of_type(other, depth)} WHEN {self.of_type(other, depth)} THEN {value()} WHEN {self.of_type(other, 0)} THEN {value()} END'
        if kind == 2:
            return f'COALESCE({value()}, {value()})'
        if kind == 3:
            return f'NULLIF({value()}, {value()})'
        if kind == 4:
            return f'TRY({value()})'
        return f"IF({self.predicate(depth)}, {value()}{self.random.choice(('', ', ' + value()))})"

    def comparable_pair(self, depth):
        if self.random.random() < 0.3:
            return [self.of_type(Type(self.random.choice(NUMERIC)), depth) for _ in range(2)]
        type_ = self.any_type()
        return [self.of_type(type_, depth) for _ in range(2)]

    def predicate(self, depth):
        a, b = self.comparable_pair(depth)
        kind = self.random.randrange(10)
        if kind < 3:
            return f"({a} {self.random.choice(('=', '<>', '<', '<=', '>', '>='))} {b})"
        if kind == 3:
            return f"({a} IS {self.random.choice(('', 'NOT '))}DISTINCT FROM {b})"
        if kind == 4:
            return f"({a} IS {self.random.choice(('', 'NOT '))}NULL)"
        if kind == 5:
            type_ = self.any_type(0)
            return '({} {}BETWEEN {} AND {})'.format(self.of_type(type_, depth), self.random.choice(('', 'NOT ')), self.of_type(type_, depth), self.of_type(type_, depth))
        if kind == 6:
            type_ = self.any_type()
            inside = ', '.join(self.of_type(type_, 0) for _ in range(self.random.randint(1, 4)))
            return f"({self.of_type(type_, depth)} {self.random.choice(('', 'NOT '))}IN ({inside}))"
        if kind == 7:
            text = Type(self.random.choice(('varchar', 'varchar', 'varchar', 'char')))
            pattern = quote(self.random.choice(('%', '_', 'a%', '%b%', '_b_', '', '\\%', 'a#%', '%😀%', 'A__', '%c', 'H%o%d', 'abc')))
            return f"({self.of_type(text, depth)} {self.random.choice(('', 'NOT '))}LIKE {pattern}{self.random.choice(('', '', chr(32) + 'ESCAPE ' + quote('#')))})"
        if kind == 8:
            return f"({self.of_type(BOOLEAN, depth)} {self.random.choice(('AND', 'OR'))} {self.of_type(BOOLEAN, depth)})"
        return f'(NOT {self.of_type(BOOLEAN, depth)})'

    def shifted_time(self, want, depth):
        interval = Type('interval year to month' if want.name in ('date', 'timestamp', 'timestamp with time zone') and self.random.random() < 0.4 else 'interval day to second')
        return f"({self.of_type(want, depth)} {self.random.choice('+-')} {self.of_type(interval, depth)})"

    def cast_to(self, want, depth):
        if want.name in ('array', 'map', 'row'):
            inner = Type(want.name, tuple(self.cast_source(argument) for argument in want.arguments)) if self.random.random() < 0.7 else JSON
        else:
            inner = self.cast_source(want)
        # Trino lets such texts be longer than their type.
        target = 'varchar' if want.name == 'varchar' and inner.name in UNCHECKED else spelled(self.random, want)
        return f"{self.random.choice(('CAST', 'CAST', 'TRY_CAST'))}({self.of_type(inner, depth)} AS {target})"

    def cast_source(self, want):
        name = self.random.choice(CAST_SOURCES.get(want.name, (want.name,)))
        if name == 'array' or want.name == 'array':
            return Type('array', (self.any_type(0),)) if want.name != 'array' else want
        if name == 'map':
            return Type('map', (self.key_type(), self.any_type(0)))
        if name == 'row':
            return Type('row', (self.any_type(0), self.any_type(0)))
        return want if name in ('map', 'row') else Type(name)

    # ------------------------------------------------------------ calls

    def call(self, signature, bindings, depth):
        return f"{signature.name}({', '.join(self.arguments(signature, bindings, depth))})"

    def arguments(self, signature, bindings, depth):
        templates = list(signature.arguments)
        if signature.name in VARIADIC and templates:
            least = 1 if signature.name in ('concat', 'map_concat') and len(templates) == 1 else 0
            templates += [templates[-1]] * self.random.choice((least, 1, 1, 2))
        return [self.argument(signature, i, template, bindings, depth) for i, template in enumerate(templates)]

    def argument(self, signature, position, template, bindings, depth):
        if template.name == 'function':
            return self.lambda_of(template, bindings, depth, signature.name)
        if position == 1 and signature.name in ('min_by', 'max_by'):
            return self.random.choice(UNIQUE)  # Which of equal keys is taken is not said.
        values = ARGUMENTS.get((signature.name, position)) or ARGUMENTS.get((signature.name, position, template.name)) or ARGUMENTS.get(template.name)
        if values and (self.random.random() < 0.85 or (signature.name, position) in ALWAYS_AS_GIVEN or is_text(template)):
            return self.random.choice(values)
        if signature.name == 'format' and position:
            return self.of_type(self.any_type(0), depth)
        return self.of_type(self.bind(template, bindings, signature.name), depth)

    def bind(self, template, bindings, function=''):
        """`template` with all its variables bound, now if need be."""
        if is_variable(template):
            if template.name not in bindings:
                nesting = 0 if function in ORDERED_ONLY or template.name.startswith('K') else 1
                bindings[template.name] = self.key_type() if template.name.upper().startswith('K') else self.any_type(nesting)
            return bindings[template.name]
        if is_text(template):
            return VARCHAR
        return Type(template.name, tuple(self.bind(argument, bindings, function) for argument in template.arguments))

    def lambda_of(self, template, bindings, depth, function=''):
        self.lambda_depth += 1
        names = [f'{letter}{self.lambda_depth}' for letter in 'xyz'[:len(template.arguments) - 1]]
        parameters = [(name, self.bind(argument, bindings)) for name, argument in zip(names, template.arguments)]
        result = self.bind(template.arguments[-1], bindings)
        outer, self.columns = self.columns, self.columns + parameters * 2
        if function == 'array_sort':  # A comparator must not contradict itself.
            result_body = f'IF({names[0]} IS NULL, IF({names[1]} IS NULL, 0, 1), IF({names[1]} IS NULL, -1, 0))'
            self.columns, self.lambda_depth = outer, self.lambda_depth - 1
            return f"({', '.join(names)}) -> {result_body}"
        body = self.of_type(result, min(depth, 2)) if self.random.random() < 0.8 else next((n for n, t in parameters if fits(t, result)), None) or self.of_type(result, 1)
        self.columns = outer
        self.lambda_depth -= 1
        head = names[0] if len(names) == 1 else f"({', '.join(names)})"
        return f'{head} -> {body}'

    # ------------------------------------------------------------ what a statement selects

    def root(self, depth=2):
        """Every function as often as any other, operators and casts as often as ten functions each."""
        kind = self.random.randrange(len(self.scalars) + 60)
        if kind < len(self.scalars):
            return self.call(self.random.choice(self.scalars[kind]), {}, depth - 1)
        kind = (kind - len(self.scalars)) // 10
        if kind == 0:
            return self.arithmetic(depth - 1)
        if kind == 1:
            return self.predicate(depth - 1)
        if kind == 2:
            return self.conditional(self.any_type(), depth - 1)
        if kind == 3:
            return self.cast_to(self.any_type(2), depth - 1)
        if kind == 4:
            return self.other_syntax(depth - 1)
        return self.of_type(self.any_type(2), depth)

    def arithmetic(self, depth):
        kind = self.random.randrange(8)
        if kind < 4:
            return f"({self.of_type(Type(self.random.choice(NUMERIC)), depth)} {self.random.choice('+-*/%')} {self.of_type(Type(self.random.choice(NUMERIC)), depth)})"
        time = Type(self.random.choice(TEMPORAL))
        interval = Type(self.random.choice(('interval day to second', 'interval year to month')))
        if kind == 4:
            return self.shifted_time(time, depth)
        if kind == 5:
            return f'({self.of_type(time, depth)} - {self.of_type(time, depth)})'
        if kind == 6:
            number = Type(self.random.choice(('bigint', 'integer', 'double')))
            return self.random.choice((f"({self.of_type(interval, depth)} {self.random.choice('*/')} {self.of_type(number, depth)})",
                                       f'({self.of_type(number, depth)} * {self.of_type(interval, depth)})', f'({self.of_type(interval, depth)} + {self.of_type(interval, depth)})'))
        return f"(-{self.of_type(self.random.choice((Type(self.random.choice(NUMERIC)), interval)), depth)})"

    def other_syntax(self, depth):
        random, of = self.random, self.of_type
        zoned = Type(random.choice(('timestamp', 'timestamp with time zone', 'timestamp with time zone', 'time', 'time with time zone')))
        element, key = self.any_type(), self.key_type()
        kind = random.randrange(10)
        if kind == 0:
            field = random.choice(('YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'DAY_OF_WEEK', 'DOW', 'DOY', 'YOW', 'HOUR', 'MINUTE', 'SECOND', 'TIMEZONE_HOUR', 'TIMEZONE_MINUTE'))
            return f'EXTRACT({field} FROM {of(Type(random.choice(TEMPORAL + ("interval day to second",))), depth)})'
        if kind == 1:
            return f'({of(zoned, depth)} AT TIME ZONE {random.choice(ZONES)})'
        if kind == 2:
            return f"({of(Type('array', (element,)), depth)})[{random.choice(SMALL)}]"
        if kind == 3:
            return f"({of(Type('map', (key, element)), depth)})[{of(key, 0)}]"
        if kind == 4:
            fields = [self.any_type(0) for _ in range(3)]
            return f"({of(Type('row', tuple(fields)), depth)})[{random.randint(1, 3)}]"
        if kind == 5:
            return f"CAST(ROW({of(element, depth)}, {of(key, 0)}) AS row(a {spelled(random, element)}, b {spelled(random, key)})).{random.choice('ab')}"
        if kind == 6:
            return f"TRIM({random.choice(('BOTH', 'LEADING', 'TRAILING'))} {quote(random.choice(('a', ' ', 'ab')))} FROM {of(VARCHAR, depth)})"
        if kind == 7:
            return f'POSITION({of(VARCHAR, 0)} IN {of(VARCHAR, depth)})'
        if kind == 8:
            text = Type(random.choice(('varchar', 'char', 'varbinary')))
            return f'({of(text, depth)} || {of(text, depth)})'
        return f'typeof({of(element, depth)})'

    def aggregate(self, depth=1):
        signature = self.random.choice(self.random.choice(self.aggregates))
        if len(signature.arguments) == 3 and signature.name in ('min_by', 'max_by'):
            return self.aggregate(depth)  # Trino mixes up NULL values there.
        bindings = {}
        for template in signature.arguments:
            columns = [have for _, have in self.columns if unify(template, have, dict(bindings))]
            if columns and template.name != 'function':
                unify(template, self.random.choice(columns), bindings)
        arguments = ', '.join(self.arguments(signature, bindings, depth)) or self.random.choice(('', '*') if signature.name == 'count' else ('',))
        lambdas = any(template.name == 'function' for template in signature.arguments)
        # The order of distinct values in an array is not said.
        keeps_order = signature.name in ('array_agg', 'multimap_agg', 'map_agg')
        distinct = 'DISTINCT ' if not lambdas and not keeps_order and arguments not in ('', '*') and self.random.random() < 0.15 else ''
        # Any other order may give other rounding or other first values.
        order = ' ORDER BY k' if not distinct and arguments not in ('', '*') else ''
        where = f' FILTER (WHERE {self.predicate(0)})' if self.random.random() < 0.15 else ''
        return f'{signature.name}({distinct}{arguments}{order}){where}'

    def window(self, depth=1):
        signature = self.random.choice(self.random.choice(self.windows))
        arguments = ', '.join(self.arguments(signature, {}, depth)) or ('*' if signature.name == 'count' else '')
        nulls = ' IGNORE NULLS' if signature.name in ('lag', 'lead', 'first_value', 'last_value', 'nth_value') and self.random.random() < 0.3 else ''
        keys = [name for name, type_ in self.columns if not type_.arguments and type_.name != 'json']
        partition = f'PARTITION BY {self.random.choice(keys)} ' if keys and self.random.random() < 0.4 else ''
        frame = ''
        if signature.kind == 'aggregate' or signature.name in ('first_value', 'last_value', 'nth_value'):
            low = self.random.choice(('UNBOUNDED PRECEDING', '1 PRECEDING', '2 PRECEDING', 'CURRENT ROW', '1 FOLLOWING'))
            high = self.random.choice(('UNBOUNDED FOLLOWING', '2 FOLLOWING', '1 FOLLOWING') + (() if 'FOLLOWING' in low else ('CURRENT ROW',)))
            frame = self.random.choice(('', f" {self.random.choice(('ROWS', 'RANGE', 'GROUPS'))} BETWEEN {low} AND {high}"))
        order = self.random.choice(('k', 'k DESC', 'k NULLS FIRST'))
        return f'{signature.name}({arguments}){nulls} OVER ({partition}ORDER BY {order}{frame})'

    def table(self, rows):
        """The rows of a table whose first column, k, numbers them; sets the columns that expressions may name."""
        types = [self.any_type(2) for _ in range(self.random.randint(2, 5))]
        self.columns = [(f'c{i}', type_) for i, type_ in enumerate(types)]
        return [[str(k)] + [self.literal(type_, 0.15) for type_ in types] for k in range(1, rows + 1)]


def is_text(template):
    return template.name in ('joniregexp', 'jsonpath', 'codepoints')
