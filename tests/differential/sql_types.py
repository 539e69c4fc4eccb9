"""Trino's types as values of Python, and literals of them with the values at which functions break."""
import dataclasses
import re

# Names of types without parameters, and of those with numbers.
PLAIN = ('boolean', 'tinyint', 'smallint', 'integer', 'bigint', 'real', 'double', 'varbinary', 'date', 'json', 'uuid',
         'ipaddress', 'unknown', 'interval day to second', 'interval year to month')
NUMBERED = ('decimal', 'varchar', 'char', 'time', 'timestamp', 'time with time zone', 'timestamp with time zone')
NUMERIC = ('tinyint', 'smallint', 'integer', 'bigint', 'real', 'double', 'decimal')
TEMPORAL = ('date', 'time', 'time with time zone', 'timestamp', 'timestamp with time zone')
SCALAR = tuple(name for name in PLAIN if name != 'unknown') + NUMBERED


@dataclasses.dataclass(frozen=True)
class Type:
    """`arguments` are numbers of a scalar type, or the types inside an array, map, row or function."""
    name: str
    arguments: tuple = ()

    def __str__(self):
        if not self.arguments:
            return self.name
        inside = ', '.join(str(argument) for argument in self.arguments)
        if self.name.endswith(' with time zone'):
            return f'{self.name.split()[0]}({inside}) with time zone'
        return f'{self.name}({inside})'


def split_arguments(text):
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += {'(': 1, ')': -1}.get(char, 0)
        if char == ',' and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return parts + [text[start:].strip()] if text.strip() else []


def parse(text):
    """A type or a template of the registry: a name that is none of a type is a variable."""
    match = re.fullmatch(r'(\w+)\((.*)\)( with time zone)?', text)
    if not match:
        return Type(text)
    name, inside, zone = match.groups()
    name += zone or ''
    if name in NUMBERED:
        return Type(name)
    return Type(name, tuple(parse(part) for part in split_arguments(inside)))


def is_variable(template):
    return not template.arguments and template.name not in PLAIN + NUMBERED + ('joniregexp', 'jsonpath', 'codepoints')


def fits(have, want):
    """Whether a value of `have` may stand where `want` is asked; lengths, precisions and scales do not matter."""
    if have.name != want.name:
        return False
    if have.name not in ('array', 'map', 'row'):
        return True
    return len(have.arguments) == len(want.arguments) and all(map(fits, have.arguments, want.arguments))


def unify(template, type_, bindings):
    """Binds the variables of `template` so that it becomes `type_`; False if it cannot."""
    if is_variable(template):
        return fits(bindings.setdefault(template.name, type_), type_)
    if template.name != type_.name:
        return False
    if not template.arguments:
        return True
    return len(template.arguments) == len(type_.arguments) and all(
        unify(a, b, bindings) for a, b in zip(template.arguments, type_.arguments))


TEXTS = ('', 'a', 'b', 'abc', 'ABC', 'Hello, World', ' pad ', 'a,b,,c', 'a b  c', 'ß', 'É', 'e\u0301', 'İ', 'ǆ', '😀', 'x😀y', '中文', "it's", '%',
         'a_c', '\\', 'a\\b', '0', '12', '-7', '1.5', '1e3', ' 42 ', '+1', 'true', 'T', 'NaN', 'Infinity', '2020-02-29', '2001-08-22 03:04:05.321',
         '12:34:56', '2020-05-10 12:34:56.123456 +05:30', '{"a":1,"b":[1,2,null]}', '[1, "x", true]', 'null', '\t\n', 'aaaa', 'abcabc', 'key=value',
         'http://user@example.com:8080/a/b?x=1&y=%20#f', '4142', 'YWJj', '\u00a0x\u2003', 'Straße', 'σς', 'ﬁ', '\u0000a', '192.168.0.1', '::1',
         '12151fd2-7586-11e9-8f9e-2a86e4085a59', '1970-01-01', '9223372036854775807', '-0', '.5', '5.', 'a\nb', 'a1b22c333')
JSONS = ('null', 'true', '0', '-1', '1.50', '1e400', '12345678901234567890', '"a"', '""', '[]', '{}', '[1,2,3]', '["a",null,"b"]', '[[1],[2,3]]',
         '{"b":1,"a":2}', '{"a":{"b":[1,2,{"c":"x"}]}}', '{"a":null}', '"\\u00e9\\n"', '{"":1," k":2}', '[1.0,true,"1",null,{"x":[]}]', '"😀"')
DATES = ('1970-01-01', '1969-12-31', '2000-02-29', '2020-02-29', '2021-03-31', '2012-12-31', '2015-01-01', '0001-01-01', '1582-10-10', '9999-12-31',
         '1900-02-28', '2024-11-03', '-0001-03-01', '10000-01-01')
TIMES = ('00:00:00', '23:59:59', '12:34:56', '01:02:03', '11:59:59', '12:00:00')
ZONES = ('UTC', '+00:00', '+05:30', '-08:00', '+14:00', '-12:34', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kathmandu', 'Australia/Lord_Howe',
         'America/Sao_Paulo', 'Pacific/Apia')
OFFSETS = ('+00:00', '+05:30', '-08:00', '+14:00', '-12:34', '+00:01')
UUIDS = ('00000000-0000-0000-0000-000000000000', '12151fd2-7586-11e9-8f9e-2a86e4085a59', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
         '7fffffff-ffff-ffff-8000-000000000000')
ADDRESSES = ('0.0.0.0', '192.168.0.1', '255.255.255.255', '::', '::1', '2001:db8::ff00:42:8329', 'fe80::1')
BINARIES = ('', '00', 'FF', '616263', 'E4BDA0', 'C328', '8000000000000000', '7FF8000000000000', '00000001', 'F09F9880', '59574A6A', '34313432')
RANGES = {'tinyint': 8, 'smallint': 16, 'integer': 32, 'bigint': 64}
FLOATS = ('0.0', '-0.0', '1.0', '-1.0', '0.5', '1.5', '2.5', '-2.5', '3.14159', '100.0', '1e10', '123456.789', 'NaN', 'Infinity', '-Infinity')
DOUBLES = ('1e308', '4.9e-324', '9007199254740993', '0.1', '1e-7', '1e21', '9.223372036854776E18', '-1e19', '2147483648.5')
REALS = ('3.4028235e38', '1.4e-45', '16777217', '0.1', '1e-7', '1e7', '2147483648')


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def integer_value(random, bits):
    if random.random() < 0.7:
        return random.randint(-3, 12)
    limit = 1 << (bits - 1)
    return random.choice((limit - 1, -limit, limit - 2, 1 - limit, random.randint(-limit, limit - 1), random.randint(-100, 100)))


def decimal_text(random, precision, scale):
    kind = random.random()
    if kind < 0.15:
        digits = '9' * precision
    elif kind < 0.3:
        digits = '0' * precision
    else:
        digits = str(random.randrange(10 ** random.randint(1, precision))).zfill(precision)
    sign = random.choice(('', '', '-'))
    whole, fraction = digits[:precision - scale], digits[precision - scale:]
    return sign + (whole or '0') + ('.' + fraction if scale else '')


def time_text(random, precision):
    text = random.choice(TIMES)
    if precision:
        text += '.' + random.choice(('0' * precision, '9' * precision, '5' + '0' * (precision - 1),
                                     str(random.randrange(10 ** precision)).zfill(precision)))
    return text


def precision_of(random):
    return random.choice((0, 3, 3, 3, 6, 6, 9, 12, random.randint(0, 12)))


def scalar_literal(random, type_):
    name = type_.name
    if name == 'boolean':
        return random.choice(('true', 'false'))
    if name in RANGES:
        value = integer_value(random, RANGES[name])
        if name == 'integer' and 0 <= value:
            return str(value)
        return f"{name.upper()} '{value}'"
    if name == 'double':
        text = random.choice(FLOATS * 2 + DOUBLES)
        if re.fullmatch(r'\d+\.\d+', text) and random.random() < 0.5:
            return text + 'e0'
        return f"DOUBLE '{text}'"
    if name == 'real':
        return f"REAL '{random.choice(FLOATS * 2 + REALS)}'"
    if name == 'decimal':
        precision, scale = type_.arguments or decimal_arguments(random)
        text = decimal_text(random, precision, scale)
        return f"DECIMAL '{text}'" if random.random() < 0.5 else f"CAST('{text}' AS decimal({precision},{scale}))"
    if name == 'varchar':
        text = quote(random.choice(TEXTS))
        return f'CAST({text} AS varchar)' if random.random() < 0.15 else text
    if name == 'char':
        return f'CAST({quote(random.choice(TEXTS))} AS char({random.choice((1, 2, 3, 5, 10, 20))}))'
    if name == 'varbinary':
        return f"X'{random.choice(BINARIES)}'"
    if name == 'date':
        return f"DATE '{random.choice(DATES)}'"
    if name == 'time':
        return f"TIME '{time_text(random, precision_of(random))}'"
    if name == 'time with time zone':
        return f"TIME '{time_text(random, precision_of(random))}{random.choice(OFFSETS)}'"
    if name == 'timestamp':
        return f"TIMESTAMP '{random.choice(DATES)} {time_text(random, precision_of(random))}'"
    if name == 'timestamp with time zone':
        return f"TIMESTAMP '{random.choice(DATES)} {time_text(random, precision_of(random))} {random.choice(ZONES)}'"
    if name == 'interval day to second':
        return random.choice((
            f"INTERVAL '{random.randint(0, 40)}' {random.choice(('DAY', 'HOUR', 'MINUTE', 'SECOND'))}",
            f"INTERVAL -'{random.randint(0, 40)}' DAY", f"INTERVAL '{random.randint(0, 9)} 04:05:06.789' DAY TO SECOND",
            f"INTERVAL '0.{random.randint(0, 999):03}' SECOND", "INTERVAL '1' DAY", "INTERVAL '100' DAY"))
    if name == 'interval year to month':
        return random.choice((f"INTERVAL '{random.randint(0, 30)}' MONTH", f"INTERVAL -'{random.randint(0, 5)}' YEAR",
                              f"INTERVAL '{random.randint(0, 3)}-{random.randint(0, 11)}' YEAR TO MONTH", "INTERVAL '1' MONTH"))
    if name == 'json':
        return f'JSON {quote(random.choice(JSONS))}'
    if name == 'uuid':
        return f"UUID '{random.choice(UUIDS)}'"
    if name == 'ipaddress':
        return f"IPADDRESS '{random.choice(ADDRESSES)}'"
    raise ValueError(f'no literal of {type_}')


def decimal_arguments(random):
    precision = random.choice((1, 2, 5, 10, 18, 19, 30, 38))
    return precision, random.choice((0, 0, 1, 2, precision // 2, precision)) if precision > 1 else random.randint(0, 1)


def spelled(random, type_):
    """`type_` as a target of a cast, with numbers."""
    name = type_.name
    if name == 'decimal':
        return 'decimal({},{})'.format(*(type_.arguments or decimal_arguments(random)))
    if name == 'varchar':
        return random.choice(('varchar', 'varchar', f'varchar({random.choice((1, 3, 10, 50))})'))
    if name == 'char':
        return f'char({random.choice((1, 2, 5, 10))})'
    if name in TEMPORAL and name != 'date':
        return str(Type(name, (precision_of(random),)))
    if name == 'row':
        named = random.random() < 0.4
        return 'row({})'.format(', '.join((f'f{i} ' if named else '') + spelled(random, field) for i, field in enumerate(type_.arguments)))
    if name in ('array', 'map'):
        return '{}({})'.format(name, ', '.join(spelled(random, argument) for argument in type_.arguments))
    return name
